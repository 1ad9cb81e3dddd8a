import { LogController, type FastifyReply, type FastifyRequest } from 'fastify'

/** One line per request, when it is over, in place of Fastify's two: half the work, and nothing to put together for who reads. */
export class RequestLog extends LogController {
  override incomingRequest(): void {}

  override requestCompleted(error: Error | null | undefined, request: FastifyRequest, reply: FastifyReply): void {
    const entry = { req: request, res: reply, responseTime: reply.elapsedTime }
    if (error) request.log.error({ ...entry, err: error }, 'request errored')
    else request.log.info(entry, 'request completed')
  }
}
