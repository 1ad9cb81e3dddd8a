import { expect, test } from 'vitest'

import { analyze } from './analyze.ts'
import { fillTemplate, variablesIn } from './fill-template.ts'

const values = { clientName: 'Zoë 🎲', date: '2026-01-12', practitionerName: '山田 花子' }

test.each([
  ['{{clientName}}', 'Zoë 🎲'],
  ['{{ date }}, {{practitionerName}} and {{date}}', '2026-01-12, 山田 花子 and 2026-01-12'],
  ['{{unknown}} {{toString}} {{clientName', '{{unknown}} {{toString}} {{clientName'],
  ['$& {{clientName}} $1', '$& Zoë 🎲 $1'],
])('%s becomes %s', (template, filled) => {
  expect(fillTemplate(template, values)).toBe(filled)
})

test('a value is text: what looks like a variable in it, or like a pattern, stays', () => {
  const odd = { ...values, clientName: '{{date}} $& <b>' }
  expect(fillTemplate('{{clientName}}', odd)).toBe('{{date}} $& <b>')
})

test('variables that are left over are named once', () => {
  expect(variablesIn('{{a}} {{ b }} {{a}} {c}')).toEqual(['a', 'b'])
})

test('a conversation is counted: who spoke, and of what', () => {
  const said = [
    { from: 'client', text: 'Breathing helps. BREATHING!' },
    { from: '__proto__', text: 'Größe, größe' },
  ]
  expect(analyze(said)).toEqual({
    messages: 2,
    words: Object.fromEntries([
      ['client', 3],
      ['__proto__', 2],
    ]),
    topics: ['breathing', 'größe', 'helps'],
  })
  expect(analyze([])).toEqual({ messages: 0, words: {}, topics: [] })
})
