import { BindingTable, planBindings } from '@keploy-framework/match'
import { createRedactor, fillPlaceholders } from '@keploy-framework/redact'
import fc from 'fast-check'
import { expect, it } from 'vitest'

/** Texts with much in them that is a placeholder, or nearly one. */
const text = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        '{{secret.',
        '{{secret.1}}',
        '{{secret.!1}}',
        '{{secret.!!27}}',
        '{{secret.01}}',
        '!',
        '}}',
        '{{',
      ),
      fc.constantFrom('{{secret.12345678901}}', '{{secret.!}}', '{{secret.2}', '"', '\\', ' '),
      fc.string({ maxLength: 4 }),
    ),
    { maxLength: 8 },
  )
  .map((parts) => parts.join(''))

const value = (number: number): string | undefined => (number % 2 === 1 ? `<${number}>` : undefined)

it('reads placeholders when sending just as the redactor writes them', () => {
  const table = new BindingTable(planBindings([]), { lookup: value })
  fc.assert(
    fc.property(text, (recorded) => {
      const filled = fillPlaceholders(recorded, value)
      const sent = table.substituteText(`x${recorded}`)
      expect([sent.text.slice(1), [...sent.missing]]).toEqual([filled.text, filled.missing])
    }),
    { numRuns: 500 },
  )
})

it('sends what was recorded, whatever it looked like', () => {
  // A string that begins like JSON and ends in the middle of a literal of it.
  const seen: [string, string, string][] = [['', '{{secret.1}}', '\\   0\\']]
  fc.assert(
    fc.property(text, text, fc.string({ minLength: 1 }), (first, second, password) => {
      const body = { a: first, password, b: [second, `${second} "${password}"`] }
      const redactor = createRedactor()
      const sent = JSON.stringify(body)
      const { bytes } = redactor.body(Buffer.from(sent), 'application/json', 'request')
      const table = new BindingTable(planBindings([]), {
        lookup: (number) => redactor.value(number),
        secrets: redactor.secrets(),
      })
      expect(JSON.parse(table.substituteText(Buffer.from(bytes).toString()).text)).toEqual(body)
    }),
    { numRuns: 500, examples: seen },
  )
})
