import { expect, it } from 'vitest'

import { detectNamedRedis, detectRedis } from './detect.ts'

it.each([
  ['set greeting hello\r\n', 'yes'],
  ['KEYS *\n', 'yes'],
  ['\r\n  config get maxmemory\r\n', 'yes'],
  ['dbsize\r\n', 'yes'],
  ['GET / HTTP/1.1\r\n', 'no'],
  ['GET /items HTTP/1.1', 'more'],
  ['sett', 'no'],
  ['se', 'more'],
  ['hello? is somebody there\r\n', 'no'],
  ['quote of the day\r\n', 'no'],
  [`get ${'x'.repeat(2000)}`, 'no'],
])('%j begins a connection that a setting calls Redis: %s', (first, verdict) => {
  expect(detectNamedRedis(Buffer.from(first))).toBe(verdict)
})

it('is told at every byte of a typed command', () => {
  const line = Buffer.from('lpush jobs one\r\n')
  for (let end = 1; end < line.length; end++) expect(detectNamedRedis(line.subarray(0, end)), `${end}`).toBe('more')
  expect(detectNamedRedis(line)).toBe('yes')
})

it('takes no typed command for Redis where nothing says that it is', () => {
  expect(detectRedis(Buffer.from('set greeting hello\r\n'))).toBe('no')
})
