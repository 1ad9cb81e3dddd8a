// A service that asks an API over HTTP/2: curl is its client, and says which version was spoken.
import { execFile } from 'node:child_process'
import http from 'node:http'

const server = http.createServer((request, response) => {
  const url = `${process.env.API}${process.env.PREFIX ?? ''}${request.url}`
  execFile('curl', ['-sS', '--http2', '-w', ' over %{http_version}', url], (error, stdout, stderr) => {
    response.statusCode = error === null ? 200 : 502
    response.setHeader('Content-Type', 'application/json')
    response.end(JSON.stringify({ said: error === null ? stdout : stderr }))
  })
})
server.listen(Number(process.env.PORT), '127.0.0.1')
process.on('SIGTERM', () => process.exit(0))
