import http from 'node:http'

import httpProxy from 'http-proxy'

import { originPort, ready } from './ready.ts'

const proxy = httpProxy.createProxyServer({
  target: `http://127.0.0.1:${originPort()}`,
  agent: new http.Agent({ keepAlive: true, maxSockets: 64 }),
})
proxy.on('error', () => {})
ready(http.createServer((request, response) => proxy.web(request, response)))
