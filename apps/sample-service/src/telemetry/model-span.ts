import { SpanKind, SpanStatusCode, trace, type Span } from '@opentelemetry/api'

/** Begins the span of one call of a model. Prompts and answers stay out of it: traces go where data may not. */
export function startModelSpan(name: string): Span {
  const attributes = { 'gen_ai.operation.name': 'chat' }
  return trace.getTracer('sample-service').startSpan(`chat ${name}`, { kind: SpanKind.CLIENT, attributes })
}

/** Notes why a call failed, by the kind of the error: its message may repeat the prompt. */
export function failSpan(span: Span, error: unknown): void {
  span.setAttribute('error.type', error instanceof Error ? error.name : 'unknown')
  span.setStatus({ code: SpanStatusCode.ERROR })
}
