import http from 'node:http'

import createFastProxy from 'fast-proxy'

import { originPort, ready } from './ready.ts'

const fast = createFastProxy({ base: `http://127.0.0.1:${originPort()}`, maxSockets: 64 })
ready(http.createServer((request, response) => fast.proxy(request, response, request.url ?? '/', {})))
