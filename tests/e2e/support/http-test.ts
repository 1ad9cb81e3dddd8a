/** The parts of a recorded test that an end-to-end test wants to choose. */
export interface HttpTestParts {
  name?: string
  method?: string
  url?: string
  requestHeaders?: Record<string, string>
  requestBody?: string
  status?: number
  responseHeaders?: Record<string, string>
  responseBody?: string
  /** Lines under `assertions:`, without indentation. */
  assertions?: string[]
}

/** The text of a test file as Keploy writes it. */
export function httpTest(parts: HttpTestParts = {}): string {
  const lines = [
    'version: api.keploy.io/v1beta1',
    'kind: Http',
    `name: ${parts.name ?? 'test-1'}`,
    'spec:',
    '  metadata: {}',
    '  req:',
    `    method: ${parts.method ?? 'GET'}`,
    '    proto_major: 1',
    '    proto_minor: 1',
    `    url: ${parts.url ?? 'http://localhost:8000/things'}`,
    ...map('    header', parts.requestHeaders ?? { Host: 'localhost:8000' }),
    `    body: ${JSON.stringify(parts.requestBody ?? '')}`,
    '    timestamp: 2026-07-17T09:10:53.449166379Z',
    '  resp:',
    `    status_code: ${parts.status ?? 200}`,
    ...map('    header', parts.responseHeaders ?? { 'Content-Type': 'application/json' }),
    `    body: ${JSON.stringify(parts.responseBody ?? '{"things":[]}')}`,
    '    status_message: OK',
    '    proto_major: 0',
    '    proto_minor: 0',
    '    timestamp: 2026-07-17T09:10:53.456735046Z',
    '  objects: []',
    ...(parts.assertions ? ['  assertions:', ...parts.assertions.map((line) => `    ${line}`)] : []),
    '  created: 1784279453',
    '  app_port: 8000',
    '',
  ]
  return lines.join('\n')
}

function map(key: string, values: Record<string, string>): string[] {
  const indent = `${/^ */.exec(key)![0]}  `
  const entries = Object.entries(values).map(([name, value]) => `${indent}${name}: ${JSON.stringify(value)}`)
  return entries.length > 0 ? [`${key}:`, ...entries] : [`${key}: {}`]
}
