export { freePort } from '../../../packages/intercept/src/free-port.ts'
