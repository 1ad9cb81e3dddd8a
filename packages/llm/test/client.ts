import OpenAI, { type ClientOptions } from 'openai'

import type { LlmScope } from '../src/server/llm-scope.ts'

/** The official client, unchanged, for a server or a scope. */
export function clientFor(scope: Pick<LlmScope, 'baseUrl'>, options: ClientOptions = {}): OpenAI {
  return new OpenAI({ baseURL: scope.baseUrl, apiKey: 'sk-test-0123456789', ...options })
}

/** What a promise was rejected with. */
export async function failure(promise: Promise<unknown>): Promise<Error & Record<string, unknown>> {
  try {
    await promise
  } catch (error) {
    return error as Error & Record<string, unknown>
  }
  throw new Error('Nothing was thrown.')
}

/** Everything that an iterable yields. */
export async function collect<T>(source: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = []
  for await (const item of source) items.push(item)
  return items
}

export const user = (content: string): { role: 'user'; content: string } => ({ role: 'user', content })
