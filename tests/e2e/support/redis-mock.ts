/** The parts of a recorded Redis command that an end-to-end test wants to choose. */
export interface RedisMockParts {
  readonly name?: string
  readonly dependency?: string
  readonly operation?: string
  readonly key?: string
  readonly value?: string
  /** More lines of `metadata`, without indentation. */
  readonly metadata?: readonly string[]
}

const bulk = (text: string): string => `$${Buffer.byteLength(text)}\r\n${text}\r\n`

/** A document of `mocks.yaml` for `GET key`, as a recording writes it. */
export function redisMock(parts: RedisMockParts = {}): string {
  const { name = 'mock-0', dependency = 'redis 127.0.0.1:6379', operation = 'GET' } = parts
  const { key = 'thing:a', value = 'value of a', metadata = [] } = parts
  return [
    'version: api.keploy.io/v1beta1',
    'kind: Redis',
    `name: ${JSON.stringify(name)}`,
    'spec:',
    '    metadata:',
    '        type: mocks',
    '        connID: "1"',
    `        dependency: ${JSON.stringify(dependency)}`,
    `        operation: ${JSON.stringify(operation)}`,
    ...metadata.map((line) => `        ${line}`),
    '    redisrequests:',
    '        - origin: client',
    '          message:',
    '            - type: string',
    `              data: ${JSON.stringify(`*2\r\n${bulk('GET')}${bulk(key)}`)}`,
    '    redisresponses:',
    '        - origin: server',
    '          message:',
    '            - type: string',
    `              data: ${JSON.stringify(bulk(value))}`,
    '    reqtimestampmock: 2026-07-17T09:10:53.450000000Z',
    '    restimestampmock: 2026-07-17T09:10:53.451000000Z',
    '',
  ].join('\n')
}

/** The text of `mappings.yaml`: which test used which mocks. */
export function mappingsOf(tests: Readonly<Record<string, readonly string[]>>): string {
  const entries = Object.entries(tests).flatMap(([test, mocks]) => [
    `    - id: ${JSON.stringify(test)}`,
    '      mock_entries:',
    ...mocks.map((mock) => `        - name: ${JSON.stringify(mock)}\n          kind: Redis`),
  ])
  return ['version: api.keploy.io/v1beta1', 'kind: TestMocksMapping', 'test_set_id: s', 'tests:', ...entries, ''].join(
    '\n',
  )
}
