import { createHash } from 'node:crypto'

import type { JsonObject } from '../json.ts'
import { numberOf } from '../json.ts'
import { LlmError } from '../llm-error.ts'
import { checkNumber } from '../options.ts'
import type { LlmRequest } from '../script/llm-request.ts'
import type { EmbeddingReply } from '../script/reply.ts'

/**
 * The body of an answer with embeddings: base64 of 32-bit floats where `encoding_format` asks for it, as the official
 * client does, else numbers.
 *
 * @throws {LlmError} `KEPLOY_LLM_OPTION` when the scripted vectors are not as many as the inputs
 */
export function embeddingsObject(request: LlmRequest, reply: EmbeddingReply): JsonObject {
  const inputs = request.messages.map(({ text }) => text)
  const asked = numberOf(request.body?.['dimensions'])
  const length = checkNumber('dimensions', reply.dimensions ?? asked ?? 1536, { from: 1, to: 100_000, whole: true })
  if (reply.vectors !== undefined && reply.vectors.length !== inputs.length) {
    throw new LlmError(
      'KEPLOY_LLM_OPTION',
      `The script has ${reply.vectors.length} vectors, but the request has ${inputs.length} inputs.`,
    )
  }
  const base64 = request.body?.['encoding_format'] === 'base64'
  const tokens = embeddingTokens(request, reply)
  return {
    object: 'list',
    data: inputs.map((input, index) => {
      const vector = reply.vectors?.[index] ?? vectorOf(input, length)
      return { object: 'embedding', index, embedding: base64 ? encode(vector) : vector }
    }),
    model: reply.model ?? request.model,
    usage: { prompt_tokens: tokens, total_tokens: tokens },
  }
}

/** The tokens that a reply counts: what it says, or one per four characters. */
export function embeddingTokens(request: LlmRequest, reply: EmbeddingReply): number {
  return reply.usage?.prompt ?? request.messages.reduce((sum, { text }) => sum + Math.ceil(text.length / 4), 0)
}

function encode(vector: readonly number[]): string {
  return Buffer.from(Float32Array.from(vector).buffer).toString('base64')
}

/**
 * A unit vector that depends on nothing but the text. The same text has the same vector; different texts are nearly
 * orthogonal, whatever they mean.
 */
export function vectorOf(text: string, length: number): number[] {
  const vector: number[] = []
  for (let block = 0; vector.length < length; block++) {
    const digest = createHash('sha256').update(`${block}:`).update(text).digest()
    for (let at = 0; at + 4 <= digest.length && vector.length < length; at += 4) {
      vector.push(digest.readInt32LE(at) / 2_147_483_648)
    }
  }
  const norm = Math.hypot(...vector) || 1
  return vector.map((one) => Math.fround(one / norm))
}
