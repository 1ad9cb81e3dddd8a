import { setTimeout as delay } from 'node:timers/promises'

import { context, trace } from '@opentelemetry/api'

/** How long the end of the process waits for a collector. */
const FAREWELL_MS = 2_000

/** Whether the environment names a collector, in the words of OpenTelemetry, and does not turn it off. */
export function wantsTelemetry(env: NodeJS.ProcessEnv): boolean {
  const endpoint = env['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'] ?? env['OTEL_EXPORTER_OTLP_ENDPOINT']
  return Boolean(endpoint) && env['OTEL_SDK_DISABLED'] !== 'true' && env['OTEL_TRACES_EXPORTER'] !== 'none'
}

/**
 * Sends the spans of this process as OTLP over HTTP to the collector at `url`, by default the one of
 * `OTEL_EXPORTER_OTLP_ENDPOINT`; the other `OTEL_EXPORTER_OTLP_*`, `OTEL_SERVICE_NAME` and `OTEL_RESOURCE_ATTRIBUTES`
 * hold, too. Disposing sends what is left. Where somebody else has registered a tracer, that one gets the spans.
 */
export async function startTelemetry(url?: string): Promise<AsyncDisposable> {
  // Loaded when needed: without a collector nobody pays for it.
  const [sdk, { OTLPTraceExporter }, { AsyncLocalStorageContextManager }, resources] = await Promise.all([
    import('@opentelemetry/sdk-trace'),
    import('@opentelemetry/exporter-trace-otlp-http'),
    import('@opentelemetry/context-async-hooks'),
    import('@opentelemetry/resources'),
  ])
  const named = resources.resourceFromAttributes({ 'service.name': 'sample-service' })
  const resource = resources
    .defaultResource()
    .merge(named)
    .merge(resources.detectResources({ detectors: [resources.envDetector] }))
  const exporter = new OTLPTraceExporter(url === undefined ? {} : { url })
  const provider = new sdk.TracerProvider({ resource, spanProcessors: [new sdk.BatchSpanProcessor({ exporter })] })
  const registered = trace.setGlobalTracerProvider(provider)
  if (registered) context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
  return {
    [Symbol.asyncDispose]: async () => {
      // A collector that is away neither fails nor delays the end of the process.
      const sent = provider.shutdown().catch(() => {})
      await Promise.race([sent, delay(FAREWELL_MS, undefined, { ref: false })])
      if (!registered) return
      trace.disable()
      context.disable()
    },
  }
}
