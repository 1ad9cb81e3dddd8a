import http from 'node:http'

import { Pool } from 'undici'

import { originPort, ready } from './ready.ts'

const pool = new Pool(`http://127.0.0.1:${originPort()}`, { connections: 64 })
ready(
  http.createServer((request, response) => {
    const { connection, 'keep-alive': _, 'transfer-encoding': __, ...headers } = request.headers
    const body = request.method === 'GET' ? null : request
    const options = { path: request.url ?? '/', method: request.method ?? 'GET', headers, body, opaque: connection }
    void pool
      .stream(options, ({ statusCode, headers }) => response.writeHead(statusCode, headers))
      .catch(() => response.destroy())
  }),
)
