import { describe, expect, it } from 'vitest'

import { secretValues } from './secrets.ts'
import { decodeTemplatesInUrl, fillTemplates, hasTemplate } from './templates.ts'

const values: Record<string, unknown> = { id: '7', big: '12345678901234567890', price: 1.5, list: [1], none: null }
const fill = (text: string): ReturnType<typeof fillTemplates> => fillTemplates(text, (name) => values[name])

describe('templates', () => {
  it('are filled by type', () => {
    expect(fill('{{ .id }}|{{.id}}|{{int .id}}|{{float .price}}|{{int .price}}|{{string .list}}').text).toBe(
      '7|7|7|1.5|1|[1]',
    )
    expect(fill('{{int .big}}').text).toBe('12345678901234567890')
  })

  it('stay, and are reported, when there is no value of their type', () => {
    expect(fill('a {{ .x }} {{int .list}} {{ .none }}')).toEqual({
      text: 'a {{ .x }} {{int .list}} {{ .none }}',
      missing: ['x', 'list', 'none'],
    })
    expect(fillTemplates('{{int .a}}', () => 'seven').missing).toEqual(['a'])
    expect(fillTemplates('{{int .a}}', () => () => 1).missing).toEqual(['a'])
  })

  it('are told from other braces', () => {
    expect(hasTemplate('{{secret.1}} {{}} { {.a} }')).toBe(false)
    expect(hasTemplate('x {{ .a }}')).toBe(true)
    expect(fill('plain').text).toBe('plain')
  })

  it('are decoded in URLs, and nothing else is', () => {
    expect(decodeTemplatesInUrl('/a%2Fb/%7B%7Bint+.id%7D%7D?q=%7b')).toBe('/a%2Fb/{{int .id}}?q=%7b')
    expect(decodeTemplatesInUrl('/%7B%7B%ff%7D%7D')).toBe('/%7B%7B%ff%7D%7D')
  })
})

describe('secrets', () => {
  it('come from the set’s variable, then the general one, then the file', () => {
    const file = { '1': 'from file', 'secret.2': 'long key', KEY: 5, nested: {} }
    const secrets = secretValues({
      set: 'my set',
      file,
      env: { KEPLOY_SECRET_MY_SET_3: 'own', KEPLOY_SECRET_3: 'general', KEPLOY_SECRET_4: '' },
    })
    expect([1, 2, 3, 4].map((number) => secrets.byNumber(number))).toEqual(['from file', 'long key', 'own', undefined])
    expect(secrets.byName('KEY')).toBe('5')
    expect(secrets.byName('nested')).toBeUndefined()
    expect(secrets.byName('constructor')).toBeUndefined()
  })
})
