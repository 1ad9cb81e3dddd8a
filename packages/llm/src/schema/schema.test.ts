import { describe, expect, it } from 'vitest'

import { clientFor, failure, user } from '../../test/client.ts'
import { MockOpenAIBuilder } from '../mock-openai-builder.ts'
import { generateFromSchema } from './generate.ts'
import { validateSchema } from './validate.ts'

const invoice = {
  type: 'object',
  properties: {
    id: { type: 'string', format: 'uuid' },
    total: { type: 'number', minimum: 1 },
    state: { enum: ['open', 'paid'] },
    lines: { type: 'array', items: { $ref: '#/$defs/line' }, minItems: 1 },
    note: { type: ['string', 'null'] },
  },
  required: ['id', 'total', 'state', 'lines', 'note'],
  additionalProperties: false,
  $defs: {
    line: {
      type: 'object',
      properties: { text: { type: 'string' }, parts: { anyOf: [{ $ref: '#/$defs/line' }, { type: 'null' }] } },
      required: ['text', 'parts'],
      additionalProperties: false,
    },
  },
}
const format = { type: 'json_schema' as const, json_schema: { name: 'invoice', strict: true, schema: invoice } }
const request = { model: 'gpt-4o', messages: [user('Hi')], response_format: format }

describe('structured output', () => {
  it('makes a reply that satisfies the schema when the script gives no text', async () => {
    await using llm = await new MockOpenAIBuilder().chat.once({ reply: {} }).responses.once({ reply: {} }).start()
    const client = clientFor(llm)
    const chat = await client.chat.completions.parse(request)
    expect(chat.choices[0]!.message.parsed).toMatchObject({ total: 1, state: 'open', lines: [{ text: 'text' }] })
    const answer = await client.responses.create({
      model: 'gpt-5',
      input: 'Hi',
      text: { format: { type: 'json_schema', name: 'invoice', strict: true, schema: invoice } },
    })
    expect(validateSchema(JSON.parse(answer.output_text), invoice)).toEqual([])
  })

  it('says what is wrong with a scripted reply that does not satisfy the schema, to the client and at the end', async () => {
    const llm = await new MockOpenAIBuilder().chat
      .once({ reply: { json: { id: 'x', total: 0, state: 'lost', lines: [], extra: 1 } } })
      .start()
    const error = await failure(clientFor(llm).chat.completions.create(request))
    expect(error).toMatchObject({ status: 500, code: 'KEPLOY_LLM_SCHEMA' })
    expect(error.message).toContain(
      'does not satisfy the schema "invoice" that the request asks for: the whole value lacks "note"; total is 0, less than 1;' +
        ' state is "lost", not one of ["open","paid"]; lines has fewer than 1 items; the whole value has "extra"',
    )
    expect(llm.requests).toHaveLength(1)
    await expect(llm.close()).rejects.toMatchObject({ code: 'KEPLOY_LLM_SCHEMA' })
  })

  it('takes plain text for JSON only when told so', async () => {
    await using llm = await new MockOpenAIBuilder({ strict: false }).chat
      .once('no JSON', { reply: { content: 'no JSON', skipSchema: true } })
      .chat.once({ reply: '[1]' }, { reply: { refusal: 'No.' } })
      .start()
    const client = clientFor(llm)
    expect((await failure(client.chat.completions.create(request))).message).toContain('it is no JSON')
    expect((await client.chat.completions.create(request)).choices[0]!.message.content).toBe('no JSON')
    const object = { ...request, response_format: { type: 'json_object' as const } }
    expect((await failure(client.chat.completions.create(object))).message).toContain('the whole value is no object')
    expect((await client.chat.completions.create(request)).choices[0]!.message.refusal).toBe('No.')
  })
})

describe('checking values', () => {
  it.each([
    [{ type: 'integer' }, 1.5, ['the whole value is number, not integer']],
    [{ type: ['string', 'null'] }, null, []],
    [{ const: { a: 1 } }, { a: 2 }, ['the whole value is not {"a":1}']],
    [{ minLength: 2, maxLength: 3 }, '🏔️'.slice(0, 2), ['the whole value is shorter than 2 characters']],
    [{ maxLength: 1 }, 'ab', ['the whole value is longer than 1 characters']],
    [{ pattern: '^a+$' }, 'b', ['the whole value does not match ^a+$']],
    [{ pattern: '(' }, 'b', ['the whole value does not match (']],
    [{ exclusiveMinimum: 1, exclusiveMaximum: 2 }, 2, ['the whole value is 2, not less than 2']],
    [{ exclusiveMinimum: 1, maximum: 2 }, 1, ['the whole value is 1, not more than 1']],
    [{ maximum: 2 }, 3, ['the whole value is 3, more than 2']],
    [{ multipleOf: 0.1 }, 0.3, []],
    [{ multipleOf: 0.1 }, 0.35, ['the whole value is 0.35, no multiple of 0.1']],
    [{ maxItems: 1 }, [1, 2], ['the whole value has more than 1 items']],
    [{ prefixItems: [{ type: 'string' }], items: { type: 'number' } }, ['a', 'b'], ['[1] is string, not number']],
    [{ items: { properties: { a: { type: 'string' } } } }, [{ a: 1 }], ['[0].a is number, not string']],
    [{ additionalProperties: { type: 'number' } }, { a: { b: 1 } }, ['a is object, not number']],
    [{ allOf: [{ type: 'string' }, { minLength: 9 }] }, 'ab', ['the whole value is shorter than 9 characters']],
    [{ anyOf: [{ type: 'string' }, { type: 'null' }] }, 1, [expect.stringContaining('fits none of anyOf')]],
    [{ oneOf: [{ type: 'string' }, { minLength: 1 }] }, 'a', ['the whole value fits 2 of oneOf']],
    [{ not: { type: 'string' } }, 'a', ['the whole value fits what `not` forbids']],
    [{ $ref: '#/$defs/missing' }, 1, ['the whole value refers to #/$defs/missing, which the schema does not have']],
    [{ properties: { a: false } }, { a: 1 }, ['a is not allowed']],
  ])('%j says of %j: %j', (schema, value, problems) => {
    expect(validateSchema(value, schema as Record<string, unknown>)).toEqual(problems)
  })

  it('ends when a schema refers to itself', () => {
    expect(validateSchema(1, { $ref: '#' })).toEqual([])
    expect(generateFromSchema({ $ref: '#/$defs/none' })).toBe(null)
  })
})

describe('making values', () => {
  it.each([
    { type: 'object', properties: { a: { type: 'integer', minimum: 3, multipleOf: 5 } }, required: ['a'] },
    { type: 'array', items: { type: 'string', minLength: 20, maxLength: 22 }, minItems: 2 },
    { allOf: [{ properties: { a: { const: 1 } } }, { properties: { b: { type: 'boolean' } } }] },
    { oneOf: [{ type: 'null' }, { type: 'string' }] },
    { type: 'number', exclusiveMinimum: 2, exclusiveMaximum: 4 },
    { type: 'number', exclusiveMaximum: 0 },
    { type: 'number', minimum: 5, maximum: 5 },
    { type: 'string', format: 'date-time' },
    invoice,
  ])('satisfies %j', (schema) => {
    expect(validateSchema(generateFromSchema(schema), schema)).toEqual([])
  })
})
