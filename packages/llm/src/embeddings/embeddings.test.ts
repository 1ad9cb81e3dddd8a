import { describe, expect, it } from 'vitest'

import { clientFor } from '../../test/client.ts'
import { MockOpenAIBuilder } from '../mock-openai-builder.ts'

describe('embeddings with the official client', () => {
  it('serves base64 of 32-bit floats, which the client asks for, and numbers on request', async () => {
    const vectors = [
      [0.25, -0.5, 1],
      [1, 2, 3],
    ]
    await using llm = await new MockOpenAIBuilder().embeddings
      .times(2, { reply: { vectors, usage: { prompt: 8 } } })
      .start()
    const client = clientFor(llm)
    const ask = { model: 'text-embedding-3-small', input: ['a', 'b'] }
    const answer = await client.embeddings.create(ask)
    expect(answer.data.map(({ embedding }) => embedding)).toEqual(vectors)
    expect(answer.usage).toEqual({ prompt_tokens: 8, total_tokens: 8 })
    expect(llm.requests[0]!.body).toMatchObject({ encoding_format: 'base64' })
    const numbers = await client.embeddings.create({ ...ask, encoding_format: 'float' })
    expect(numbers.data[1]!.embedding).toEqual([1, 2, 3])
    expect(llm.cost.usd).toBeCloseTo(0.00002 * 0.016, 12)
  })

  it('makes unit vectors of texts, the same for the same text, as long as is asked for', async () => {
    await using llm = await new MockOpenAIBuilder().embeddings
      .always({ reply: {} })
      .embeddings.once({ match: { contains: 'special' }, reply: { dimensions: 4 } })
      .start()
    const embed = async (input: string, dimensions?: number): Promise<number[]> => {
      const ask = { model: 'text-embedding-3-small', input, ...(dimensions === undefined ? {} : { dimensions }) }
      return (await clientFor(llm).embeddings.create(ask)).data[0]!.embedding
    }
    const first = await embed('crème brûlée', 64)
    expect(first).toHaveLength(64)
    expect(Math.hypot(...first)).toBeCloseTo(1, 5)
    expect(await embed('crème brûlée', 64)).toEqual(first)
    expect(await embed('something else', 64)).not.toEqual(first)
    expect(await embed('the default')).toHaveLength(1536)
    expect(await embed('special')).toHaveLength(4)
  })

  it('says when the vectors are not as many as the inputs', async () => {
    await using llm = await new MockOpenAIBuilder({ strict: false }).embeddings
      .once({ reply: { vectors: [[1]] } })
      .start()
    await expect(
      clientFor(llm).embeddings.create({ model: 'text-embedding-3-small', input: ['a', 'b'] }),
    ).rejects.toThrow('The script has 1 vectors, but the request has 2 inputs.')
  })
})
