import { type Exchange, sendError } from './exchange.ts'
import { decode } from './parse-request.ts'

/** Answers `GET /v1/models` and `GET /v1/models/<id>`. */
export function sendModels(exchange: Exchange, models: readonly string[]): void {
  const { request, response } = exchange
  const name = decode(request.path.replace(/^\/v1\/models\/?/, '').replace(/\?.*$/, ''))
  const entry = (id: string): object => ({ id, object: 'model', created: 1_700_000_000, owned_by: 'test' })
  if (name !== '' && !models.includes(name)) {
    const message = `The model "${name}" does not exist here; there are ${models.join(', ')}.`
    sendError(exchange, { status: 404, error: { message, code: 'model_not_found' }, outcome: 'rejected' })
    return
  }
  request.status = 200
  request.outcome = 'answered'
  response.writeHead(200, { 'content-type': 'application/json', 'x-request-id': `req_${request.number}` })
  response.end(JSON.stringify(name === '' ? { object: 'list', data: models.map(entry) } : entry(name)))
}
