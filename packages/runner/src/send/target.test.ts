import { describe, expect, it } from 'vitest'

import { RunnerError } from '../errors.ts'
import { curlCommand } from '../run/curl.ts'
import { suiteFinder, suiteName } from '../run/suite-name.ts'
import { httpTest } from '../testing/http-test.ts'
import { replaceAuthority } from './headers.ts'
import { parseTarget, recordedAuthority, requestPath } from './target.ts'

describe('a target', () => {
  it('is read from what people type', () => {
    expect(parseTarget('localhost:8000')).toMatchObject({ origin: 'http://localhost:8000', port: 8000, basePath: '' })
    expect(parseTarget('https://api.example/v1/')).toMatchObject({
      port: 443,
      authority: 'api.example',
      basePath: '/v1',
    })
    expect(parseTarget('http://[::1]:80')).toMatchObject({ hostname: '::1', port: 80, authority: '[::1]' })
  })

  it('is refused when it can’t be one', () => {
    for (const address of ['http://', 'ftp://host', 'http://user:pw@host', 'http://host:99999']) {
      expect(() => parseTarget(address)).toThrow(RunnerError)
    }
  })
})

describe('a recorded URL', () => {
  it('only gives its path and query', () => {
    expect(requestPath('http://a.example:1/b?c#d')).toBe('/b?c')
    expect(requestPath('http://a.example')).toBe('/')
    expect(requestPath('http://a.example?x')).toBe('/?x')
    expect(requestPath('//evil.example/x')).toBe('//evil.example/x')
    expect(requestPath('plain')).toBe('/plain')
    expect(requestPath('')).toBe('/')
  })

  it('names the recorded host, or the Host header does', () => {
    expect(recordedAuthority(httpTest('a', { url: 'http://u:p@h:1/x' }))).toBe('h:1')
    expect(recordedAuthority(httpTest('a', { url: '/x', headers: [['host', 'h:2']] }))).toBe('h:2')
    expect(recordedAuthority(httpTest('a', { url: '/x', headers: [] }))).toBeUndefined()
  })

  it('has its authority replaced only where it ends', () => {
    expect(replaceAuthority('http://a:1/x', ['b', 'a:1'], 'live:2')).toBe('http://live:2/x')
    expect(replaceAuthority('http://a:12', ['a:1'], 'live:2')).toBe('http://a:12')
  })
})

it('names suites after routes, the test itself, or a glob', () => {
  expect(['/', '/health', '/api/v1/user-groups/7', '/v2.1/a%20b.json', '/%ff'].map(suiteName)).toEqual([
    'Root',
    'Health',
    'User Groups',
    'A B',
    '%ff',
  ])
  const find = suiteFinder({ '/{health,}': 'Health & Status' })
  expect(find(httpTest('a', { url: 'http://x/health?deep' }))).toBe('Health & Status')
  expect(find(httpTest('a', { url: 'http://x/things' }))).toBe('Things')
  expect(find(httpTest('a', { annotations: { suite: 'Mine' } }))).toBe('Mine')
})

it('writes a command that a shell reads as it was meant', () => {
  const { request } = httpTest('a', {
    method: 'POST',
    url: 'http://x/a?b=1',
    headers: [['X-A', "it's"]],
    body: '$(rm)',
  })
  expect(curlCommand(request, 'http://live')).toBe(
    String.raw`curl --request POST \
  --url 'http://live/a?b=1' \
  --header 'X-A: it'\''s' \
  --data-raw '$(rm)'`,
  )
})
