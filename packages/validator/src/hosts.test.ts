import { expect, test } from 'vitest'

import { mapHosts } from './hosts.ts'

const hosts = { recorded: ['localhost:8000', 'api.example.com'], live: '127.0.0.1:9001' }

test.each([
  ['http://localhost:8000/a?b=http://localhost:8000', 'http://127.0.0.1:9001/a?b=http://127.0.0.1:9001'],
  ['localhost:8000', '127.0.0.1:9001'],
  [
    'localhost:80001 my-localhost:8000 localhost:8000.evil.com',
    'localhost:80001 my-localhost:8000 localhost:8000.evil.com',
  ],
  ['https://api.example.com/x', 'https://127.0.0.1:9001/x'],
  ['mail me at api.example.com', 'mail me at api.example.com'],
  ['https://user@api.example.com/x', 'https://user@127.0.0.1:9001/x'],
])('maps %s', (text, expected) => {
  expect(mapHosts(text, hosts)).toBe(expected)
})

test('leaves everything alone when the host is the recorded one', () => {
  expect(mapHosts('http://a:1/', { recorded: ['a:1', ''], live: 'a:1' })).toBe('http://a:1/')
})
