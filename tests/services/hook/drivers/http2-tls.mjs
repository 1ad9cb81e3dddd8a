import http2 from 'node:http2'
const session = http2.connect(process.env.H2_TLS_URL, { rejectUnauthorized: false })
session.on('error', (error) => console.log(error.code))
const stream = session.request({ ':path': '/a' })
let text = ''
stream.setEncoding('utf8').on('data', (part) => (text += part))
await new Promise((resolve) => stream.on('end', resolve))
console.log(JSON.stringify([text, session.encrypted, session.alpnProtocol]))
session.close()
