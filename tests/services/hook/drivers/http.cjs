const http = require('node:http')
const agent = new http.Agent({ keepAlive: true, maxSockets: 1 })
const get = (path) =>
  new Promise((resolve, reject) => {
    http
      .get(process.env.HTTP_URL + path, { agent }, (response) => {
        let text = ''
        response
          .setEncoding('utf8')
          .on('data', (part) => (text += part))
          .on('end', () => resolve([response.statusCode, text.length]))
      })
      .on('error', reject)
  })
Promise.all([get('/a'), get('/large'), get('/b')]).then((all) => {
  agent.destroy()
  console.log(JSON.stringify(all))
})
