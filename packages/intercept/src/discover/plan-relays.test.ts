import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { planRelays, srvNames } from './plan-relays.ts'
import type { PlanRelaysOptions } from './planned-relay.ts'

const A = { host: '127.0.0.1', port: 41_001 }
const B = { host: '127.0.0.1', port: 41_002 }
const CA = { file: '/tmp/run/ca.pem' }

function only(options: PlanRelaysOptions) {
  const { relays, problems } = planRelays(options)
  expect(problems).toEqual([])
  expect(relays).toHaveLength(1)
  const [relay] = relays
  if (relay === undefined) throw new Error('no relay')
  return relay
}

describe('a URL is found by its scheme, and only its address changes', () => {
  test.each([
    [
      'postgres://app:s%40cret@db/shop?application_name=a%20b',
      'postgres db:5432',
      'postgres://app:s%40cret@127.0.0.1:41001/shop?application_name=a%20b',
    ],
    ['postgresql://db:6000', 'postgres db:6000', 'postgresql://127.0.0.1:41001'],
    ['postgresql+asyncpg://u:p@db:5432/shop', 'postgres db:5432', 'postgresql+asyncpg://u:p@127.0.0.1:41001/shop'],
    ['postgresql+psycopg2://u:p/w@db/shop', 'postgres db:5432', 'postgresql+psycopg2://u:p/w@127.0.0.1:41001/shop'],
    ['POSTGRES://u:a@b@db/shop', 'postgres db:5432', 'POSTGRES://u:a@b@127.0.0.1:41001/shop'],
    ['postgres://u:p@[2001:db8::1]:5433/shop', 'postgres [2001:db8::1]:5433', 'postgres://u:p@127.0.0.1:41001/shop'],
    [
      'postgresql:///shop?host=/var/run/postgresql',
      'postgres /var/run/postgresql/.s.PGSQL.5432',
      'postgresql:///shop?host=127.0.0.1&port=41001',
    ],
    [
      'postgresql://u@/shop?host=/run/pg&port=5433&x=1',
      'postgres /run/pg/.s.PGSQL.5433',
      'postgresql://u@/shop?host=127.0.0.1&port=41001&x=1',
    ],
    ['postgresql://%2Frun%2Fpg/shop', 'postgres /run/pg/.s.PGSQL.5432', 'postgresql://127.0.0.1:41001/shop'],
    ['mysql://root:@db/shop', 'mysql db:3306', 'mysql://root:@127.0.0.1:41001/shop'],
    [
      'mysql+pymysql://root@db:3307/shop?charset=utf8mb4',
      'mysql db:3307',
      'mysql+pymysql://root@127.0.0.1:41001/shop?charset=utf8mb4',
    ],
    ['mariadb://db', 'mysql db:3306', 'mariadb://127.0.0.1:41001'],
    ['redis://:pw@cache/0', 'redis cache:6379', 'redis://:pw@127.0.0.1:41001/0'],
    ['rediss://cache:6380', 'redis cache:6380', 'rediss://127.0.0.1:41001'],
    ['redis+sentinel://:pw@s1/mymaster/0', 'redis s1:26379', 'redis+sentinel://:pw@127.0.0.1:41001/mymaster/0'],
    ['mongodb://u:p@m1/shop?replicaSet=rs', 'mongodb m1:27017', 'mongodb://u:p@127.0.0.1:41001/shop?replicaSet=rs'],
    ['amqp://guest:guest@mq/%2Fvhost', 'amqp mq:5672', 'amqp://guest:guest@127.0.0.1:41001/%2Fvhost'],
    ['amqps://mq', 'amqp mq:5671', 'amqps://127.0.0.1:41001'],
    ['kafka://k1', 'kafka k1:9092', 'kafka://127.0.0.1:41001'],
    ['nats://n1:4222', 'generic n1:4222', 'nats://127.0.0.1:41001'],
    [
      'jdbc:postgresql://db/shop?user=u&password=p%26',
      'postgres db:5432',
      'jdbc:postgresql://127.0.0.1:41001/shop?user=u&password=p%26',
    ],
    ['jdbc:mysql://db:3306/shop?useSSL=false', 'mysql db:3306', 'jdbc:mysql://127.0.0.1:41001/shop?useSSL=false'],
    ['jdbc:mariadb:failover://db/shop', 'mysql db:3306', 'jdbc:mariadb:failover://127.0.0.1:41001/shop'],
    [
      'u:p@ss:/w@tcp(db:3306)/shop?parseTime=true',
      'mysql db:3306',
      'u:p@ss:/w@tcp(127.0.0.1:41001)/shop?parseTime=true',
    ],
    ['u@unix(/run/mysqld.sock)/shop', 'mysql /run/mysqld.sock', 'u@tcp(127.0.0.1:41001)/shop'],
    [
      "host=db port=5433 password='a b' dbname=shop",
      'postgres db:5433',
      "host=127.0.0.1 port=41001 password='a b' dbname=shop",
    ],
    ['dbname=shop host=/run/pg', 'postgres /run/pg/.s.PGSQL.5432', 'dbname=shop host=127.0.0.1 port=41001'],
    [
      'Host=db;Port=5433;Username=u;Password="a;b"',
      'postgres db:5433',
      'Host=127.0.0.1;Port=41001;Username=u;Password="a;b"',
    ],
    ['Host=db; Username=u', 'postgres db:5432', 'Host=127.0.0.1;Port=41001; Username=u'],
    ['Server=db;Port=3306;Uid=u;Pwd=p;', 'mysql db:3306', 'Server=127.0.0.1;Port=41001;Uid=u;Pwd=p;'],
  ])('%s', (value, dependency, written) => {
    const relay = only({ env: { SETTING: value } })
    expect(relay.dependency).toBe(dependency)
    expect(relay.source).toBe('SETTING')
    expect(relay.write([A])).toEqual({ SETTING: written })
  })

  test.each([
    ['postgres://a,b:5433/shop', 'postgres a:5432,b:5433', 'postgres://127.0.0.1:41001,127.0.0.1:41002/shop'],
    [
      'mongodb://u:p@m1,m2:27018/shop',
      'mongodb m1:27017,m2:27018',
      'mongodb://u:p@127.0.0.1:41001,127.0.0.1:41002/shop',
    ],
    ['jdbc:mysql://a:1,b:2/shop', 'mysql a:1,b:2', 'jdbc:mysql://127.0.0.1:41001,127.0.0.1:41002/shop'],
    ['nats://a:4222, nats://b:4222', 'generic a:4222,b:4222', 'nats://127.0.0.1:41001, nats://127.0.0.1:41002'],
    ['host=a,b port=1,2', 'postgres a:1,b:2', 'host=127.0.0.1,127.0.0.1 port=41001,41002'],
    [
      'redis-sentinel://s1:26379,s2:26380/0?sentinelMasterId=m',
      'redis s1:26379,s2:26380',
      'redis-sentinel://127.0.0.1:41001,127.0.0.1:41002/0?sentinelMasterId=m',
    ],
  ])('several hosts: %s', (value, dependency, written) => {
    const relay = only({ env: { SETTING: value } })
    expect(relay.dependency).toBe(dependency)
    expect(relay.targets).toHaveLength(2)
    expect(relay.write([A, B])).toEqual({ SETTING: written })
  })

  test('an address of version 6 is written in brackets', () => {
    const relay = only({ env: { URL: 'redis://cache' } })
    expect(relay.write([{ host: '::1', port: 5 }])).toEqual({ URL: 'redis://[::1]:5' })
  })
})

describe('what is left alone', () => {
  test.each([
    'https://api.example.com/v1',
    'http://localhost:8080',
    'file:///etc/passwd',
    'sqlite:///shop.db',
    'redis+socket:///run/redis.sock',
    'Server=tcp:sql.example.com,1433;User Id=u;Password=p;TrustServerCertificate=true',
    'a=1;b=2',
    'host',
    '',
    'https://github.com/a/b?host=1',
    'See postgres://docs for more',
  ])('%s', (value) => {
    expect(planRelays({ env: { SETTING: value } })).toEqual({ relays: [], problems: [] })
  })

  test('variables that are ignored, and addresses that are bypassed', () => {
    const env = { A: 'redis://cache', B: 'redis://other:1', C: 'redis://third' }
    const { relays } = planRelays({ env, ignore: ['A'], bypass: (host, port) => host === 'other' && port === 1 })
    expect(relays.map(({ source }) => source)).toEqual(['C'])
  })
})

describe('TLS', () => {
  const files: Record<string, string> = { '/ca.pem': 'CA', '/c.pem': 'CERT', '/k.pem': 'KEY' }
  const readFile = (path: string): string | undefined => files[path]

  test('verify-full is checked as the client would have, and the client is given our certificate', () => {
    const value = 'postgres://db/shop?sslmode=verify-full&sslrootcert=/ca.pem&sslcert=/c.pem&sslkey=/k.pem'
    const relay = only({ env: { URL: value }, readFile })
    expect(relay.tls).toEqual({ mode: 'require', verify: true, ca: 'CA', cert: 'CERT', key: 'KEY' })
    expect(relay.clientTls).toBe(false)
    expect(relay.write([A], CA)['URL']).toBe(
      'postgres://127.0.0.1:41001/shop?sslmode=verify-full&sslrootcert=/tmp/run/ca.pem&sslcert=/c.pem&sslkey=/k.pem',
    )
  })

  test.each([
    ['postgres://db/s', { mode: 'prefer', verify: false }],
    ['postgres://db/s?sslmode=disable', { mode: 'off' }],
    ['postgres://db/s?sslmode=require', { mode: 'require', verify: false }],
    ['postgres://db/s?sslmode=verify-ca', { mode: 'require', verify: true }],
    ['jdbc:mysql://db/s?sslMode=VERIFY_IDENTITY', { mode: 'require', verify: true }],
    ['u@tcp(db)/s?tls=skip-verify', { mode: 'require', verify: false }],
    ['u@tcp(db)/s', { mode: 'off' }],
    ['rediss://cache', { mode: 'direct', verify: true }],
    ['rediss://cache?ssl_cert_reqs=none', { mode: 'direct', verify: false }],
    ['mongodb://m/s?tls=true', { mode: 'direct', verify: true }],
    ['mongodb://m/s', { mode: 'off' }],
  ])('%s', (value, policy) => {
    const relay = only({ env: { URL: value } })
    expect(relay.tls).toEqual(policy)
    expect(relay.clientTls).toBe(policy.mode === 'direct')
  })

  test('brokers of Kafka are reached with the TLS and the login that stand beside their list', () => {
    const env = {
      ORDERS_KAFKA_BROKERS: 'k1:1,k2:2',
      ORDERS_KAFKA_SECURITY_PROTOCOL: 'SASL_SSL',
      ORDERS_KAFKA_SASL_USERNAME: 'ada',
      ORDERS_KAFKA_SASL_PASSWORD: 'secret',
    }
    expect(only({ env })).toMatchObject({
      tls: { mode: 'direct', verify: true },
      clientTls: true,
      credentials: { username: 'ada', password: 'secret' },
    })
    expect(only({ env: { KAFKA_BROKERS: 'k1:1' } })).not.toHaveProperty('credentials')
  })

  test.each([
    ['postgres://ada@db/shop', 'ada'],
    ['postgres://db/shop', 'grace'],
    ['host=db user=ada', 'ada'],
    ['postgresql:///shop?host=/run/pg', 'grace'],
  ])('what %s leaves out of its login stands in PGUSER and PGPASSWORD', (value, username) => {
    const env = { MAIN_DSN: value, PGUSER: 'grace', PGPASSWORD: 'secret' }
    expect(only({ env }).credentials).toEqual({ username, password: 'secret' })
    expect(only({ env: { MAIN_DSN: 'mysql://db', PGPASSWORD: 'secret' } })).not.toHaveProperty('credentials')
  })

  test('a login that would be bound to the certificate of the server is not', () => {
    const url = only({ env: { URL: 'postgres://db/s?sslmode=require&channel_binding=require' } })
    expect(url.write([A], CA)).toEqual({
      URL: 'postgres://127.0.0.1:41001/s?sslmode=require&channel_binding=disable',
    })
    const jdbc = only({ env: { URL: 'jdbc:postgresql://db/s?channelBinding=require' } })
    expect(jdbc.write([A], CA)).toEqual({ URL: 'jdbc:postgresql://127.0.0.1:41001/s?channelBinding=disable' })
    const dsn = only({ env: { DSN: 'host=db port=1 channel_binding=prefer' } })
    expect(dsn.write([A], CA)).toEqual({ DSN: 'host=127.0.0.1 port=41001 channel_binding=disable' })
  })

  test('a certificate is named where the client needs one and the setting names none', () => {
    const url = only({ env: { URL: 'postgres://db/s?sslmode=verify-full' } })
    expect(url.write([A], CA)['URL']).toBe(
      'postgres://127.0.0.1:41001/s?sslmode=verify-full&sslrootcert=/tmp/run/ca.pem',
    )
    const dsn = only({ env: { DSN: 'host=db sslmode=verify-full' } })
    expect(dsn.write([A], { file: "/a b/c'.pem" })['DSN']).toBe(
      String.raw`host=127.0.0.1 sslmode=verify-full port=41001 sslrootcert='/a b/c\'.pem'`,
    )
    expect(only({ env: { PGHOST: 'db', PGSSLMODE: 'verify-full' } }).write([A], CA)).toEqual({
      PGHOST: '127.0.0.1',
      PGPORT: '41001',
      PGSSLROOTCERT: CA.file,
    })
  })
})

test('credentials are read for servers that have to prove that they know them', () => {
  const read = (value: string) => only({ env: { SETTING: value } }).credentials
  expect(read('postgres://a%40b:c%3Ad@db')).toEqual({ username: 'a@b', password: 'c:d' })
  expect(read('jdbc:postgresql://db/s?user=u&password=p%26')).toEqual({ username: 'u', password: 'p&' })
  expect(read('u:p@ss@tcp(db)/s')).toEqual({ username: 'u', password: 'p@ss' })
  expect(read(String.raw`host=db user=u password='a\'b'`)).toEqual({ username: 'u', password: "a'b" })
  expect(read('Host=db;Port=5432;Username=u;Password="a;""b"')).toEqual({ username: 'u', password: 'a;"b' })
  const spring = {
    SPRING_DATASOURCE_URL: 'jdbc:postgresql://db/s',
    SPRING_DATASOURCE_USERNAME: 'u',
    SPRING_DATASOURCE_PASSWORD: 'p',
  }
  expect(only({ env: spring }).credentials).toEqual({ username: 'u', password: 'p' })
})

describe('mongodb+srv', () => {
  const value = 'mongodb+srv://u:p@c0.example.net/shop?retryWrites=true'
  test('becomes mongodb with what the name service says', () => {
    expect(srvNames({ env: { URL: value } })).toEqual(['c0.example.net'])
    const targets = [
      { host: 'a.example.net', port: 27_017 },
      { host: 'b.example.net', port: 27_018 },
    ]
    const srv = new Map([['c0.example.net', { targets, options: 'authSource=admin&replicaSet=rs0&evil=1' }]])
    const relay = only({ env: { URL: value }, srv })
    expect(relay.targets).toEqual(targets)
    expect(relay.dependency).toBe('mongodb c0.example.net')
    expect(relay.tls.mode).toBe('direct')
    expect(relay.clientTls).toBe(false)
    expect(relay.write([A, B])).toEqual({
      URL: 'mongodb://u:p@127.0.0.1:41001,127.0.0.1:41002/shop?retryWrites=true&authSource=admin&replicaSet=rs0',
    })
  })

  test('needs no name service in a replay', () => {
    expect(only({ env: { URL: value } }).write([A])).toEqual({
      URL: 'mongodb://u:p@127.0.0.1:41001/shop?retryWrites=true',
    })
  })
})

describe('lists and pairs are found by the names of their variables', () => {
  test.each([
    ['KAFKA_BROKERS', 'k1:9092,k2', 'kafka k1:9092,k2:9092', '127.0.0.1:41001,127.0.0.1:41002'],
    ['SPRING_KAFKA_BOOTSTRAP_SERVERS', 'k1:1, k2:2', 'kafka k1:1,k2:2', '127.0.0.1:41001, 127.0.0.1:41002'],
    [
      'KAFKA_BOOTSTRAP_SERVERS',
      'PLAINTEXT://k1:1,PLAINTEXT://k2:2',
      'kafka k1:1,k2:2',
      'PLAINTEXT://127.0.0.1:41001,PLAINTEXT://127.0.0.1:41002',
    ],
    ['REDIS_SENTINELS', 's1:26379,s2', 'redis s1:26379,s2:26379', '127.0.0.1:41001,127.0.0.1:41002'],
    ['REDIS_CLUSTER_NODES', 'n1:1,n2:2', 'redis n1:1,n2:2', '127.0.0.1:41001,127.0.0.1:41002'],
    [
      'ConnectionStrings__Redis',
      'n1:1,n2:2,password=x=,abortConnect=false',
      'redis n1:1,n2:2',
      '127.0.0.1:41001,127.0.0.1:41002,password=x=,abortConnect=false',
    ],
  ])('%s=%s', (name, value, dependency, written) => {
    const relay = only({ env: { [name]: value } })
    expect(relay.dependency).toBe(dependency)
    expect(relay.write([A, B])).toEqual({ [name]: written })
  })

  test.each([
    [{ PGHOST: 'db', PGPORT: '6000' }, 'PGHOST, PGPORT', 'postgres db:6000'],
    [{ PGHOST: '/run/pg' }, 'PGHOST', 'postgres /run/pg/.s.PGSQL.5432'],
    [{ REDIS_HOST: 'cache' }, 'REDIS_HOST', 'redis cache:6379'],
    [{ MYSQL_HOST: 'db', MYSQL_PORT: '3307' }, 'MYSQL_HOST, MYSQL_PORT', 'mysql db:3307'],
    [{ DB_HOST: 'db', DB_PORT: '5432' }, 'DB_HOST, DB_PORT', 'postgres db:5432'],
    [{ DB_HOST: 'db', DB_CONNECTION: 'mysql' }, 'DB_HOST', 'mysql db:3306'],
    [{ DB_HOST: 'db', DB_ENGINE: 'django.db.backends.postgresql' }, 'DB_HOST', 'postgres db:5432'],
    [{ MONGO_HOST: 'm', MONGO_PORT: '1' }, 'MONGO_HOST, MONGO_PORT', 'mongodb m:1'],
    [{ RABBITMQ_HOST: 'mq' }, 'RABBITMQ_HOST', 'amqp mq:5672'],
    [{ KAFKA_HOST: 'k', KAFKA_PORT: '9' }, 'KAFKA_HOST, KAFKA_PORT', 'kafka k:9'],
    [
      { SPRING_DATA_REDIS_HOST: 'r', SPRING_DATA_REDIS_PORT: '2' },
      'SPRING_DATA_REDIS_HOST, SPRING_DATA_REDIS_PORT',
      'redis r:2',
    ],
  ])('%o', (env, source, dependency) => {
    const relay = only({ env })
    expect([relay.source, relay.dependency]).toEqual([source, dependency])
    const [host = ''] = Object.keys(env)
    const port = host.replace('HOST', 'PORT')
    expect(relay.write([A])).toEqual({ [host]: '127.0.0.1', [port]: '41001' })
  })

  test('a host that names its port keeps doing so', () => {
    expect(only({ env: { REDIS_HOST: 'cache:7000' } }).write([A])).toEqual({ REDIS_HOST: '127.0.0.1:41001' })
  })

  test('a URL that container links put into a port is passed over', () => {
    const relay = only({ env: { REDIS_HOST: 'cache', REDIS_PORT: 'tcp://10.0.0.1:6379' } })
    expect(relay.dependency).toBe('redis cache:6379')
  })
})

describe('.env files', () => {
  const text = [
    '# comment',
    'export USER_NAME="app"',
    "PASSWORD='p$w'",
    'DATABASE_URL="postgres://${USER_NAME}:$PASSWORD@${HOST:-db}:5432/shop" # the database',
    'REDIS_URL=redis://file',
    'not a line',
  ].join('\r\n')

  test('are read with quotes, expansion and comments; the environment goes first', () => {
    const { relays } = planRelays({ env: { REDIS_URL: 'redis://live' }, envFiles: [{ name: '.env', text }] })
    expect(relays.map(({ source, origin, dependency }) => [source, origin, dependency])).toEqual([
      ['REDIS_URL', 'environment', 'redis live:6379'],
      ['DATABASE_URL', '.env', 'postgres db:5432'],
    ])
    expect(relays[1]?.write([A])).toEqual({ DATABASE_URL: 'postgres://app:p$w@127.0.0.1:41001/shop' })
  })

  test('the later file goes before the earlier', () => {
    const envFiles = [
      { name: '.env', text: 'R=redis://a' },
      { name: '.env.local', text: 'R=redis://b' },
    ]
    expect(only({ env: {}, envFiles })).toMatchObject({ origin: '.env.local', dependency: 'redis b:6379' })
  })
})

describe('the map of keploy.yml', () => {
  test('takes URLs of HTTP, which the service then calls without TLS', () => {
    const relay = only({ env: { STRIPE_URL: 'https://api.stripe.com/v1?x=1' }, map: { STRIPE_URL: {} } })
    expect(relay).toMatchObject({ dependency: 'https api.stripe.com', protocol: 'http', clientTls: false })
    expect(relay.tls).toEqual({ mode: 'direct', verify: true })
    expect(relay.write([A])).toEqual({ STRIPE_URL: 'http://127.0.0.1:41001/v1?x=1' })
  })

  test('sets a variable that is not set', () => {
    const relay = only({ env: {}, map: { USERS: { protocol: 'grpc', target: 'users:50051' } } })
    expect(relay).toMatchObject({ dependency: 'grpc users:50051', origin: 'keploy.yml' })
    expect(relay.write([A])).toEqual({ USERS: '127.0.0.1:41001' })
  })

  test('leads a variable elsewhere, and keeps the rest of its value', () => {
    const map = { DATABASE_URL: { target: 'staging:5433', protocol: 'postgres' as const } }
    const relay = only({ env: { DATABASE_URL: 'postgres://u:p@db/shop' }, map })
    expect(relay.dependency).toBe('postgres staging:5433')
    expect(relay.write([A])).toEqual({ DATABASE_URL: 'postgres://u:p@127.0.0.1:41001/shop' })
  })
})

describe('a value that cannot be used', () => {
  test.each([
    ['DATABASE_URL', 'postgres://u:hunter2@db:port/shop'],
    ['DATABASE_URL', 'postgres:///hunter2'],
    ['DATABASE_URL', 'postgres://u:hunter2@db:99999'],
    ['MONGO_URL', 'mongodb+srv://u:hunter2@a.b,c.d/x'],
    ['KAFKA_BROKERS', 'hunter2 hunter2'],
    ['DB_HOST', 'hunter2'],
    ['REDIS_HOST', 'hunter2 !'],
  ])('is named by its variable %s, never by its value', (name, value) => {
    const { relays, problems } = planRelays({ env: { [name]: value } })
    expect(relays).toEqual([])
    expect(problems).toHaveLength(1)
    expect(problems[0]?.message).toContain(name)
    expect(JSON.stringify(problems)).not.toContain('hunter2')
  })
})

test('the proxy that the service used already is told', () => {
  const { proxy } = planRelays({ env: { HTTPS_PROXY: 'http://u:p@proxy.corp:3128' } })
  expect(proxy).toEqual({ source: 'HTTPS_PROXY', address: { host: 'proxy.corp', port: 3128 } })
})

describe('whatever a variable holds', () => {
  const pieces = fc.constantFrom(
    'postgres://',
    'mongodb+srv://',
    'jdbc:mysql://',
    '@',
    ':',
    '/',
    ',',
    '[',
    ']',
    'a',
    '1',
    '?host=',
    '&',
    '=',
    ';',
    "'",
    '"',
    'tcp(',
    ')',
    '%',
    '\\',
    '#',
    ' ',
    'Host=',
    'host=',
    '${A}',
    '$',
    '\n',
    '_',
  )
  const values = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 60 }),
    fc.array(pieces, { maxLength: 24 }).map((parts) => parts.join('')),
  )
  const names = fc.constantFrom(
    'A',
    'KAFKA_BROKERS',
    'PGHOST',
    'DB_HOST',
    'REDIS_PORT',
    'PGPORT',
    'MY_REDIS',
    '__proto__',
  )

  test('nothing throws, and what is written is found again with the address of the relay', () => {
    fc.assert(
      fc.property(names, values, values, fc.boolean(), (name, value, other, mapped) => {
        const env: Record<string, string> = { [name]: value, B: other }
        const plan = planRelays({
          env,
          envFiles: [{ name: '.env', text: `${value}\nC=${other}` }],
          ...(mapped && { map: { [name]: {} } }),
        })
        for (const relay of plan.relays) {
          const addresses = relay.targets.map((_, index) => ({ host: '127.0.0.1', port: 41_000 + index }))
          const written = relay.write(addresses, CA)
          const again = planRelays({ env: { ...env, ...written }, ...(mapped && { map: { [name]: {} } }) })
          const found = again.relays.find(({ source }) => source.split(', ', 1)[0] === relay.source.split(', ', 1)[0])
          expect(found?.targets, JSON.stringify([relay.source, written])).toEqual(addresses)
        }
      }),
      { numRuns: 2000 },
    )
  })

  test('a value of 1 MB, and one as long as settings may be, takes no time', () => {
    const long = (part: string, length: number): string => part.repeat(Math.floor(length / part.length))
    const begun = performance.now()
    for (const part of ['a', ',', '@', 'a=', 'a=b;', 'host=a ', '://', 'tcp(', "'", '"', ' ', '\\', '${', ',a://']) {
      for (const value of [long(part, 1_000_000), long(part, 16_000)])
        for (const prefix of ['', 'postgres://', 'host=', 'A="', "A='"]) {
          planRelays({
            env: { A: prefix + value, KAFKA_BROKERS: value, REDIS: `${value},` },
            envFiles: [{ name: '.env', text: prefix + value }],
          })
        }
    }
    expect(performance.now() - begun).toBeLessThan(5000)
  }, 60_000)
})
