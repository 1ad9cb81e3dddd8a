import { expect, test } from 'vitest'

import { readSettings } from './settings.ts'

test('an empty environment is the embedded platform on its own port', () => {
  expect(readSettings({ POSTGRES_DSN: '', UNRELATED: '1' })).toMatchObject({
    settings: { host: '127.0.0.1', port: 8010, logLevel: 'info', agents: { config: { agents: {} } }, telemetry: false },
  })
})

test('real parts are read from their variables', () => {
  const env = { KAFKA_BOOTSTRAP_SERVERS: 'a:9092, b:9093', OPENAI_BASE_URL: 'http://127.0.0.1:1/v1/', PORT: '0' }
  expect(readSettings(env)).toMatchObject({
    settings: {
      port: 0,
      kafka: { brokers: ['a:9092', 'b:9093'], topicPrefix: '' },
      openai: { baseUrl: 'http://127.0.0.1:1/v1', apiKey: undefined },
    },
  })
})

test('each wrong variable is named, and no value is repeated', () => {
  const env = {
    POSTGRES_DSN: 'mysql://u:hunter2@h/d',
    REDIS_URL: 'localhost',
    KAFKA_BOOTSTRAP_SERVERS: 'broker',
    PORT: '70000',
  }
  expect(readSettings(env)).toEqual({
    problems: [
      'PORT is not a port (0 to 65535)',
      'POSTGRES_DSN is not a URL like postgres://host',
      'REDIS_URL is not a URL like redis://host',
      'KAFKA_BOOTSTRAP_SERVERS is not a list like host:9092,host:9093',
    ],
  })
})
