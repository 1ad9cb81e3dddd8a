import { expect, test } from 'vitest'

import { bypassMatcher } from './bypass-matcher.ts'
import { checkConfig } from './check-config.ts'
import { defaults } from './defaults.ts'
import { resolveConfig } from './resolve-config.ts'

function resolved(dependencies: Record<string, unknown>, rest: Record<string, unknown> = {}) {
  const written = { ...rest, dependencies }
  const { tree, issues } = checkConfig(written)
  expect(issues).toEqual([])
  const merged = {
    ...defaults,
    ...tree,
    dependencies: { ...defaults.dependencies, ...(tree['dependencies'] as object) },
  }
  return resolveConfig(merged, written, '/app').dependencies
}

test('a variable is mapped by an address, a URL, or protocol and target', () => {
  const map = {
    STRIPE_URL: {},
    SEARCH: 'search:9200',
    USERS: { protocol: 'grpc', target: 'users:50051' },
    API: 'https://api.example.com/v1',
  }
  expect(resolved({ map }, { path: 'shop' })).toEqual({
    map: { ...map, SEARCH: { target: 'search:9200' }, API: { target: 'https://api.example.com/v1' } },
    ignore: [],
    repeat: [],
    bypass: [],
    bypassRules: [],
    files: ['/app/shop/.env'],
  })
})

test.each([
  [{ map: { A: 5 } }, 'dependencies.map.A'],
  [{ map: { A: { protocol: 'telnet' } } }, 'dependencies.map.A'],
  [{ map: { A: 'two words' } }, 'dependencies.map.A'],
  [{ bypass: ['https://x'] }, 'dependencies.bypass[0]'],
  [{ ignore: 'A' }, 'dependencies.ignore'],
])('%o is refused with its path', (dependencies, path) => {
  const { issues } = checkConfig({ dependencies })
  expect(issues.map((issue) => [issue.severity, issue.path?.slice(0, path.length)])).toEqual([['error', path]])
})

test('addresses are bypassed by pattern, and by the rules of Keploy', () => {
  const { bypass, bypassRules } = resolved(
    { bypass: ['Metrics.internal', '*.example.com:443', '[::1]:8125', 'a.b*'] },
    { bypassRules: [{ host: '^legacy' }, { port: 9999 }, { path: '/x', host: 'path' }, {}] },
  )
  const matches = bypassMatcher({ bypass, bypassRules })
  const fits = (text: string): boolean => {
    const colon = text.lastIndexOf(':')
    return matches(text.slice(0, colon), Number(text.slice(colon + 1)))
  }
  const asked = [
    'metrics.internal:1',
    'api.example.com:443',
    'api.example.com:80',
    '::1:8125',
    'axb:1',
    'a.bc:1',
    'legacy-db:1',
    'my-legacy:1',
    'any:9999',
    'path:1',
  ]
  expect(asked.filter(fits)).toEqual([
    'metrics.internal:1',
    'api.example.com:443',
    '::1:8125',
    'a.bc:1',
    'legacy-db:1',
    'any:9999',
  ])
})
