import http2 from 'node:http2'
const session = http2.connect(process.env.H2_URL)
const get = (path) =>
  new Promise((resolve, reject) => {
    const stream = session.request({ ':path': path })
    let text = ''
    stream
      .setEncoding('utf8')
      .on('data', (part) => (text += part))
      .on('end', () => resolve(text.length))
      .on('error', reject)
  })
const answers = await Promise.all([get('/a'), get('/large')])
session.close()
console.log(JSON.stringify(answers))
