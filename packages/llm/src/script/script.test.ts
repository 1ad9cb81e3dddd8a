import { describe, expect, it } from 'vitest'

import { clientFor, failure, user } from '../../test/client.ts'
import { faults } from '../faults/faults.ts'
import { MockOpenAIBuilder } from '../mock-openai-builder.ts'
import type { LlmScope } from '../server/llm-scope.ts'
import type { LlmMatch } from './llm-match.ts'

const tools = [{ type: 'function' as const, function: { name: 'search', parameters: {} } }]

async function ask(scope: LlmScope, text: string, more: object = {}): Promise<string | null> {
  const request = { model: 'gpt-4o', messages: [user(text)], ...more }
  return (await clientFor(scope).chat.completions.create(request)).choices[0]!.message.content
}

describe('which script answers', () => {
  it.each<[string, LlmMatch]>([
    ['the model', { model: 'gpt-4o' }],
    ['the model by expression', { model: /^gpt-4/g }],
    ['any message', { contains: 'first' }],
    ['any message by expression', { contains: /FIRST/i }],
    ['any message by predicate', { contains: (text) => text.length === 5 }],
    ['the last message', { last: 'last' }],
    ['the system message', { system: 'brief' }],
    ['a tool result', { toolResult: 'found' }],
    ['tools offered', { tools: ['search'] }],
    ['no stream', { stream: false }],
    ['the number of the call', { nth: 1 }],
    ['a predicate over the request', { when: ({ headers }) => headers['authorization'] === '***' }],
  ])('is chosen by %s', async (_name, match) => {
    await using llm = await new MockOpenAIBuilder().chat.once({ match, reply: 'chosen' }).chat.always('other').start()
    const messages = [
      { role: 'system' as const, content: 'Be brief' },
      user('first'),
      {
        role: 'assistant' as const,
        tool_calls: [{ id: '1', type: 'function' as const, function: { name: 'search', arguments: '{}' } }],
      },
      { role: 'tool' as const, tool_call_id: '1', content: [{ type: 'text' as const, text: 'found' }] },
      user('the last'),
    ]
    expect(await ask(llm, '', { messages, tools })).toBe('chosen')
  })

  it('keeps to the order: limited scripts first, then those that always answer', async () => {
    await using llm = await new MockOpenAIBuilder().chat
      .always({ match: { contains: 'b' }, reply: 'always b' })
      .chat.always('always')
      .chat.once('one', 'two')
      .chat.times(2, { match: { contains: 'b' }, reply: 'twice' })
      .start()
    expect([await ask(llm, 'b'), await ask(llm, 'a'), await ask(llm, 'b'), await ask(llm, 'b')]).toEqual([
      'one',
      'two',
      'twice',
      'twice',
    ])
    expect([await ask(llm, 'b'), await ask(llm, 'a')]).toEqual(['always b', 'always'])
  })

  it('plays a sequence in order, and then its last step again and again', async () => {
    await using llm = await new MockOpenAIBuilder().chat
      .sequence('one', { match: { contains: 'go' }, reply: 'two' }, { reply: (request) => `three ${request.nth}` })
      .start()
    expect(await ask(llm, 'x')).toBe('one')
    const blocked = await failure(ask(llm, 'x'))
    expect(blocked.message).toContain('the step before it in its sequence has not answered yet')
    expect([await ask(llm, 'go'), await ask(llm, 'x'), await ask(llm, 'x')]).toEqual(['two', 'three 4', 'three 5'])
    expect(() => llm.assertComplete()).toThrow('No script answers')
  })

  it('awaits a reply that is made from the request, and says when making it failed', async () => {
    const llm = await new MockOpenAIBuilder().chat
      .once({ reply: async ({ messages }) => ({ json: { said: messages[0]!.text } }) })
      .chat.once({
        reply: () => {
          throw new Error('not today')
        },
      })
      .start()
    expect(await ask(llm, 'ünï')).toBe('{"said":"ünï"}')
    expect(await failure(ask(llm, 'x'))).toMatchObject({ status: 500, code: 'KEPLOY_LLM_ANSWER' })
    await expect(llm.close()).rejects.toThrow("The script's reply threw: not today")
  })

  it('refuses steps that say nothing, and counts that are none', async () => {
    const builder = new MockOpenAIBuilder()
    const refusal = expect.objectContaining({ code: 'KEPLOY_LLM_OPTION' })
    expect(() => builder.chat.once()).toThrow(refusal)
    expect(() => builder.chat.times(0, 'x')).toThrow(refusal)
    expect(() => builder.chat.once({ match: {} })).toThrow(refusal)
    expect(() => builder.chat.once({ content: 'x' } as never)).toThrow('{"content":"x"} has the field content.')
    expect(() => builder.chat.once(undefined as never)).toThrow(refusal)
  })
})

describe('what no script answers', () => {
  it('is answered once, without a retry, and reported with the request and the nearest script', async () => {
    const llm = await new MockOpenAIBuilder().chat
      .once({ match: { model: 'gpt-4o-mini', contains: 'invoice', tools: ['pay'], stream: true }, reply: 'x' })
      .chat.once({ match: { model: 'gpt-4o', contains: 'invoice' }, reply: 'paid' })
      .start()
    const secret = `sk-${'a1B2c3D4'.repeat(5)}`
    const error = await failure(ask(llm, `the bill, key ${secret}`, { tools }))
    expect(error).toMatchObject({ status: 500, code: 'KEPLOY_LLM_UNSCRIPTED' })
    expect(llm.requests).toMatchObject([{ outcome: 'unscripted', retry: 0 }])
    expect(error.message).toContain('The nearest script is { model: "gpt-4o", contains: "invoice" } → reply paid')
    expect(error.message).toContain('no message contains "invoice"')
    const report = await failure(llm.close())
    expect(report).toMatchObject({ code: 'KEPLOY_LLM_UNSCRIPTED' })
    expect(report.message).toContain('POST /v1/chat/completions · model gpt-4o, tools search')
    expect(report.message).toContain('user: "the bill, key {{secret.1}}"')
    expect(report.message).not.toContain(secret)
    expect(report.message).toContain('Scripts that nothing asked for:\n  - chat: {')
  })

  it('is reported for scripts that were left over, once', async () => {
    const llm = await new MockOpenAIBuilder().chat
      .times(3, faults.rateLimit({ shouldRetry: false }))
      .embeddings.once({ reply: {} })
      .chat.always('never needed')
      .start()
    await failure(ask(llm, 'x'))
    expect(() => llm.assertComplete()).toThrow(
      /nothing asked for:\n {2}- chat: faults\.status\(429\) \(answered 1 of 3\)\n {2}- embeddings: /,
    )
    await llm.close()
  })

  it('is not thrown at the end with strict: false, but can be seen', async () => {
    const llm = await new MockOpenAIBuilder().with({ strict: false }).start()
    expect((await failure(ask(llm, 'x'))).message).toContain('There is no script for this endpoint.')
    await llm.close()
    expect(llm.problems).toMatchObject([{ code: 'KEPLOY_LLM_UNSCRIPTED' }])
  })
})
