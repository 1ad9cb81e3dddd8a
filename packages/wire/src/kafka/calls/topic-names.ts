import type { Value } from '@keploy-framework/format'

import { textOf, trees, type Tree } from '../struct.ts'

const LIMIT = 10_000

/**
 * Names of topics by their ids. Clients learn ids on one connection and use them on others, so what one reader learns the
 * others know; ids are never given twice, in no cluster.
 */
const names = new Map<string, string>()

/** Takes the names from an answer to Metadata. */
export function learnTopics(body: Tree): void {
  for (const { topicId, name } of trees(body['topics'])) {
    if (typeof topicId !== 'string' || typeof name !== 'string') continue
    if (names.size >= LIMIT) names.delete(names.keys().next().value as string)
    names.set(topicId, name)
  }
}

/** The name of a topic in a message, else its id. */
export function topicName({ topic, name, topicId }: Tree): Value {
  return topic ?? name ?? names.get(textOf(topicId)) ?? topicId ?? null
}
