import { expect, test } from 'vitest'

import { expandDotenv, parseDotenv } from './dotenv.ts'

const plain = (text: string) => Object.fromEntries(parseDotenv(text).map(({ name, value }) => [name, value]))

test('quotes, comments, export, colons and values over several lines', () => {
  const text = [
    'A=1 # one',
    'export B = two words  ',
    'C="x # y"',
    "D='$A \\n'",
    'E="a\\nb"',
    'F="first',
    'second"',
    'G=',
    'H: yaml',
    '#I=1',
    'J=a#b',
  ].join('\n')
  expect(plain(text)).toEqual({
    A: '1',
    B: 'two words',
    C: 'x # y',
    D: '$A \\n',
    E: 'a\nb',
    F: 'first\nsecond',
    G: '',
    H: 'yaml',
    J: 'a',
  })
})

test('expansion knows the environment, earlier variables and defaults, and stops at 64 KiB', () => {
  const bomb = Array.from({ length: 40 }, (_, index) => `L${index + 1}=\${L${index}}\${L${index}}`).join('\n')
  const text = `A=\${HOME}/x\nB=$A-\${NONE:-d}-\\$A\nC='$A'\nL0=0123456789\n${bomb}`
  const found = expandDotenv([{ name: '.env', text }], { HOME: '/srv/app' })
  expect(found.get('A')?.value).toBe('/srv/app/x')
  expect(found.get('B')?.value).toBe('/srv/app/x-d-$A')
  expect(found.get('C')?.value).toBe('$A')
  expect(Math.max(...[...found.values()].map(({ value }) => value.length))).toBeLessThanOrEqual(65_536)
})
