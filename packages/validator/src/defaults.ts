/** How many failures of one response are listed; the rest is counted. */
export const MAX_FAILURES = 100

/** How many allowed differences of one response are listed. */
export const MAX_RULES = 1000

/** Headers that belong to one connection or one moment: neither their value nor their presence says anything of the service. */
export const HOP_BY_HOP: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'via',
  'date',
  'age',
])

/** Headers that must be there on both sides, and whose value differs on each answer. */
export const VOLATILE: ReadonlySet<string> = new Set([
  'x-request-id',
  'request-id',
  'x-correlation-id',
  'x-runtime',
  'x-response-time',
  'server-timing',
  'traceparent',
  'tracestate',
  'b3',
  'x-b3-traceid',
  'x-b3-spanid',
  'x-b3-parentspanid',
  'x-datadog-trace-id',
  'x-datadog-parent-id',
  'x-amzn-trace-id',
  'x-amzn-requestid',
  'x-cloud-trace-context',
  'sentry-trace',
  'cf-ray',
  'x-ratelimit-reset',
  'ratelimit-reset',
  'sec-websocket-accept',
])
