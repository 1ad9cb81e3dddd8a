import { expect, it } from 'vitest'

import { matchKey } from './match-key.ts'

const keyOf = (param: string) => matchKey({ sql: 'insert into outbox select unnest($1::text[])', params: [param] })

it('compares lists of texts item by item', () => {
  const value = { sealed: 'a"b\\c', tags: [null] }
  const quoted = JSON.stringify(value).replaceAll(/["\\]/g, String.raw`\$&`)
  expect(keyOf(`{"${quoted}",NULL,"x, y"}`)).toMatchObject({ params: [[JSON.stringify(value), null, 'x, y']] })
})

it('leaves all other texts as they are', () => {
  const texts = ['{"a":1}', '{"a"', '{"a",}', '{"a" ,"b"}', '{1,2}', '{}', '{"a"}}', '{"a"}\n', '["a"]', 'text']
  for (const text of texts) expect(keyOf(text)).toMatchObject({ params: [text] })
  expect(matchKey({ sql: 'begin' })).toEqual({ sql: 'begin' })
})
