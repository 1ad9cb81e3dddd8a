import { expect, test } from 'vitest'
import { parse } from 'yaml'

import { composeEnvironment, composeOverride, composePort, composeService, publishedPort } from './compose-override.ts'
import { bridgeAddress, dockerRunArguments } from './docker-run.ts'

const composeFile = `
x-common: &common
  PGHOST: db
services:
  shop:
    build: .
    environment:
      <<: *common
      DATABASE_URL: postgres://app:\${DB_PASSWORD:-dev}@db/shop
      PRICE: 5$$
      PORT: 8000
      FROM_HOST:
  jobs:
    image: jobs
    environment: ['REDIS_URL=redis://cache/0?a=b', FROM_HOST]
  db: { image: postgres }
`

test('the override holds only what leads the service to this machine', () => {
  const made = composeOverride({
    composeFile,
    service: 'shop',
    variables: { DATABASE_URL: 'postgres://app:p$w@host.docker.internal:41001/shop', 'A"B': '#: {x}\n' },
    folder: '/tmp/run $1',
  })
  expect('yaml' in made && parse(made.yaml)).toEqual({
    services: {
      shop: {
        environment: { DATABASE_URL: 'postgres://app:p$$w@host.docker.internal:41001/shop', 'A"B': '#: {x}\n' },
        extra_hosts: ['host.docker.internal:host-gateway'],
        volumes: [{ type: 'bind', source: '/tmp/run $$1', target: '/tmp/run $$1', read_only: true }],
      },
    },
  })
})

test.each([
  ['services: [', 'not valid YAML'],
  ['a: 1', 'no services'],
  ['services: { db: {} }', 'no service "shop"; it has db'],
  ['services: { db: {} }\n__proto__: { shop: {} }', 'no service "shop"'],
])('%j is told as a problem', (text, words) => {
  const made = composeOverride({ composeFile: text, service: 'shop', variables: {} })
  expect('problem' in made && made.problem).toContain(words)
})

test('the environment of a service is read in both forms, with variables replaced', () => {
  const env = { DB_PASSWORD: 's3', FROM_HOST: 'x' }
  expect(composeEnvironment(composeFile, 'shop', env)).toEqual({
    PGHOST: 'db',
    DATABASE_URL: 'postgres://app:s3@db/shop',
    PRICE: '5$',
    PORT: '8000',
    FROM_HOST: 'x',
  })
  expect(composeEnvironment(composeFile, 'jobs', {})).toEqual({ REDIS_URL: 'redis://cache/0?a=b' })
  expect(composeEnvironment(composeFile, 'db', {})).toEqual({})
})

test('docker run is given names, and values through its environment', () => {
  const { args, env } = dockerRunArguments({ variables: { URL: 'redis://:secret@h:1' }, folder: '/tmp/a' })
  expect(args).toEqual([
    '--add-host',
    'host.docker.internal:host-gateway',
    '--mount',
    'type=bind,"source=/tmp/a","target=/tmp/a",readonly',
    '--env',
    'URL',
  ])
  expect(env).toEqual({ URL: 'redis://:secret@h:1' })
})

test('relays listen on the bridge of Docker, where there is one', () => {
  const entry = { address: '172.17.0.1', netmask: '', mac: '', internal: false, cidr: null }
  expect(bridgeAddress({ docker0: [{ ...entry, family: 'IPv4' }] })).toBe('172.17.0.1')
  expect(bridgeAddress({ lo: [{ ...entry, family: 'IPv4' }] })).toBeUndefined()
})

test('what env_file holds is there, and environment wins over it', () => {
  const file = `
services:
  shop: { env_file: [base.env, { path: more.env }], environment: { B: from-file } }
  one: { env_file: one.env }
`
  const files: Record<string, string> = { 'base.env': 'A=1\nB=2', 'more.env': 'C="x y"', 'one.env': 'D=4' }
  const readFile = (name: string): string | undefined => files[name]
  expect(composeEnvironment(file, 'shop', {}, readFile)).toEqual({ A: '1', B: 'from-file', C: 'x y' })
  expect(composeEnvironment(file, 'one', {}, readFile)).toEqual({ D: '4' })
})

test.for([
  ['8000:80', 8000],
  ['127.0.0.1:8000:80/tcp', 8000],
  ['[::1]:8000:80', 8000],
  ['8000:80/udp', undefined],
  ['80', undefined],
  ['8000-8010:80-90', undefined],
] as const)('the port of this machine in %s', ([text, port]) => {
  expect(publishedPort(text)).toBe(port)
})

test('the port that leads to a service of a compose file', () => {
  const file = `services: { a: { ports: ["80", "\${PORT:-8000}:80"] }, b: { ports: [{ target: 80, published: "81" }] }, c: {} }`
  expect(['a', 'b', 'c', 'd'].map((name) => composePort(file, name, {}))).toEqual([8000, 81, undefined, undefined])
})

test('the service of a container is found by its key or its container_name, or because it is the only one', () => {
  const file = 'services: { shop: { container_name: shop-1 }, db: {} }'
  expect(['shop', 'shop-1', 'db', 'nothing', undefined].map((name) => composeService(file, name))).toEqual([
    'shop',
    'shop',
    'db',
    undefined,
    undefined,
  ])
  expect(composeService('services: { only: }')).toBe('only')
})

test('a network of its own is joined beside the others, and the version of the file is kept', () => {
  const made = (text: string): unknown => {
    const override = composeOverride({ composeFile: text, service: 'shop', variables: {}, network: 'backend' })
    return 'yaml' in override && parse(override.yaml)
  }
  expect(made('{ version: "3.8", services: { shop: {} } }')).toMatchObject({
    version: '3.8',
    services: { shop: { networks: ['default', 'backend'] } },
    networks: { backend: { external: true } },
  })
  expect(made('services: { shop: { networks: [own] } }')).toMatchObject({
    services: { shop: { networks: ['backend'] } },
  })
})
