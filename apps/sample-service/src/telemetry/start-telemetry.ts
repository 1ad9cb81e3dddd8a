import { context, trace } from '@opentelemetry/api'

/** Where the OpenTelemetry collector is, as its exporters read it. */
export function wantsTelemetry(env: NodeJS.ProcessEnv): boolean {
  const endpoint = env['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'] ?? env['OTEL_EXPORTER_OTLP_ENDPOINT']
  return Boolean(endpoint) && env['OTEL_SDK_DISABLED'] !== 'true' && env['OTEL_TRACES_EXPORTER'] !== 'none'
}

/**
 * Sends the spans of this process as OTLP over HTTP to the collector that `OTEL_EXPORTER_OTLP_ENDPOINT` names; the other
 * `OTEL_EXPORTER_OTLP_*`, `OTEL_SERVICE_NAME` and `OTEL_RESOURCE_ATTRIBUTES` hold, too. Disposing sends what is left.
 * Where somebody else has registered a tracer, that one gets the spans.
 */
export async function startTelemetry(): Promise<AsyncDisposable> {
  const [{ BatchSpanProcessor, TracerProvider }, { OTLPTraceExporter }, { AsyncLocalStorageContextManager }] =
    await Promise.all([
      import('@opentelemetry/sdk-trace'),
      import('@opentelemetry/exporter-trace-otlp-http'),
      import('@opentelemetry/context-async-hooks'),
    ])
  const provider = new TracerProvider({
    spanProcessors: [new BatchSpanProcessor({ exporter: new OTLPTraceExporter() })],
  })
  const registered = trace.setGlobalTracerProvider(provider)
  if (registered) context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
  return {
    [Symbol.asyncDispose]: async () => {
      // A collector that is away shall not turn the end of the process into a failure.
      await provider.shutdown().catch(() => {})
      if (!registered) return
      trace.disable()
      context.disable()
    },
  }
}
