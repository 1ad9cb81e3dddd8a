import https from 'node:https'
const get = (options) =>
  new Promise((resolve) => {
    https
      .get(process.env.HTTPS_URL + '/tls', options, (response) => {
        const { authorized, encrypted } = response.socket
        response.resume().on('end', () => resolve([response.statusCode, authorized !== undefined, encrypted]))
      })
      .on('error', (error) => resolve(error.code))
  })
console.log(JSON.stringify([await get({ rejectUnauthorized: false, agent: false }), await get({ agent: false })]))
