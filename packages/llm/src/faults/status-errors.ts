/** The `error` of an error body. */
export interface WireError {
  readonly message: string
  readonly type: string
  readonly param: string | null
  readonly code: string | null
}

type Known = Omit<WireError, 'param'>

const known: Readonly<Record<number, Known>> = {
  400: { message: 'The request is not valid.', type: 'invalid_request_error', code: null },
  401: { message: 'The API key is not correct.', type: 'invalid_request_error', code: 'invalid_api_key' },
  403: { message: 'This key may not do that.', type: 'invalid_request_error', code: 'forbidden' },
  404: { message: 'The model does not exist.', type: 'invalid_request_error', code: 'model_not_found' },
  408: { message: 'The request took too long to arrive.', type: 'timeout', code: null },
  409: { message: 'Another request holds the resource.', type: 'conflict', code: null },
  413: { message: 'The request is too large.', type: 'invalid_request_error', code: null },
  429: { message: 'The rate limit was reached.', type: 'requests', code: 'rate_limit_exceeded' },
  500: { message: 'The server had an error.', type: 'server_error', code: null },
  502: { message: 'Bad gateway.', type: 'server_error', code: null },
  503: { message: 'The engine is overloaded.', type: 'server_error', code: null },
  504: { message: 'The gateway waited too long.', type: 'server_error', code: null },
}

/** What the API says with a status. */
export function statusErrors(status: number): Known {
  return known[status] ?? { ...(status < 500 ? known[400]! : known[500]!) }
}
