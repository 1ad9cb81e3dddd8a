/** An answer other than success that a route decides on; `message` becomes the `detail` that the client sees. */
export class HttpError extends Error {
  readonly statusCode: number

  constructor(statusCode: number, detail: string, options?: ErrorOptions) {
    super(detail, options)
    this.name = 'HttpError'
    this.statusCode = statusCode
  }
}
