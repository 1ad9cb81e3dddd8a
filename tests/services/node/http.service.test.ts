/**
 * Segment: teams whose services call others
 * Goal: replays with nothing running beside the service
 * Value: a service that calls APIs, whole
 * Impact: a suite that runs in seconds, anywhere
 */
import { describe } from 'vitest'

import { serviceTests } from '../harness/service-tests.ts'
import { askForOrders, nodeService } from './node-service.ts'
import { startStockApi, startStockGrpc } from './stock-api.ts'

describe('fetch and undici to an HTTP API', () => {
  serviceTests({
    start: async () => {
      const api = await startStockApi()
      return {
        command: nodeService('http'),
        env: { STOCK_API: `http://127.0.0.1:${api.port}` },
        config: 'dependencies:\n  map:\n    STOCK_API: {}\n',
        requests: askForOrders,
        stop: () => api.close(),
      }
    },
    change: { env: () => ({ LIST_PATH: '/items?sort=item' }), names: '/items?sort=item' },
  })
})

describe('grpc-js', () => {
  serviceTests({
    start: async () => {
      const api = await startStockGrpc()
      return {
        command: nodeService('grpc'),
        env: { STOCK_GRPC: `127.0.0.1:${api.port}` },
        config: 'dependencies:\n  map:\n    STOCK_GRPC: { protocol: grpc }\n',
        requests: askForOrders,
        stop: () => api.close(),
      }
    },
    change: { env: () => ({ FIND_METHOD: 'FindOld' }), names: 'FindOld' },
  })
})
