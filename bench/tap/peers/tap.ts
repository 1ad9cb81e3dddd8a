import { startTap } from '../../../packages/intercept/src/index.ts'
import { originPort, tellPort } from './ready.ts'

// Tap and codec alone: every exchange is parsed, nothing is written.
let exchanges = 0
const tap = await startTap({
  listen: {},
  target: { host: '127.0.0.1', port: originPort() },
  onEvent: (event) => {
    if (event.type === 'close' && event.exchange.state === 'complete') exchanges += 1
  },
  beforeRelease: () => {},
})
process.on('message', () => process.send?.({ exchanges }))
if ('port' in tap.address) tellPort(tap.address.port)
