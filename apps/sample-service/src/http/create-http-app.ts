import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerOptions } from 'node:http'

import Fastify, { type FastifyBaseLogger, type FastifyInstance, type FastifyServerOptions } from 'fastify'
import { serializerCompiler } from 'fastify-type-provider-zod'

import { collectMethods } from './allowed-methods.ts'
import { closeSilentConnections } from './close-silent-connections.ts'
import { errorHandler, notFoundHandler } from './error-handler.ts'
import { describeApi, type ApiInfo } from './openapi.ts'
import { describeRefusedBodies } from './refuse-bodies.ts'
import { RequestLog } from './request-log.ts'
import { validationCompiler } from './validation.ts'

export interface HttpAppOptions extends ApiInfo {
  /** Fastify's logger option. Default: no log. */
  logger?: FastifyServerOptions['logger']
  /** A logger that exists already; then `logger` is not looked at. */
  loggerInstance?: FastifyBaseLogger
}

/** Of Node 22.21 and later, where its declarations do not have it yet. */
type UpgradeOptions = ServerOptions & { shouldUpgradeCallback: (request: IncomingMessage) => boolean }

/** A client that would like HTTP/2 (`Upgrade: h2c`) is served in what it speaks already. */
const onlyWebSockets: UpgradeOptions = {
  shouldUpgradeCallback: ({ headers }) => /^websocket$/i.test(headers.upgrade ?? ''),
}

/** A Fastify on which one declaration per route gives validation, types, the description and errors of one shape. */
export async function createHttpApp(options: HttpAppOptions): Promise<FastifyInstance> {
  const { logger = false, loggerInstance, ...info } = options
  const app = Fastify({
    ...(loggerInstance ? { loggerInstance } : { logger }),
    logController: new RequestLog(),
    // The id that a client or proxy sent is kept, so that one request can be followed through several logs.
    requestIdHeader: 'x-request-id',
    http: onlyWebSockets,
    genReqId: () => randomUUID(),
    // Ids that are too long are refused by the schema of their route, in its words.
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 1_000 },
    // A URL that cannot be decoded fails before there is a route; it is answered in the same shape.
    frameworkErrors: (error, request, reply) => void errorHandler(error, request, reply),
  })
  app.setValidatorCompiler(validationCompiler)
  app.setSerializerCompiler(serializerCompiler)
  const notFound = notFoundHandler(collectMethods(app))
  // Where no route is, it does not matter what else is wrong with a request.
  app.setErrorHandler((error: Error, request, reply) =>
    request.is404 ? notFound(request, reply) : errorHandler(error, request, reply),
  )
  app.setNotFoundHandler(notFound)
  describeRefusedBodies(app)
  closeSilentConnections(app)
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id)
  })
  await describeApi(app, info)
  return app
}
