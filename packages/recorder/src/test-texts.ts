import type { BodyValue, StreamItem, TestCase } from '@keploy-framework/format'

function* itemTexts(items: readonly StreamItem[]): Generator<string> {
  for (const { data } of items) {
    for (const value of Object.values(data)) if (typeof value === 'string') yield value
  }
}

function* bodyTexts(body: BodyValue): Generator<string> {
  if (body.type === 'text') yield body.text
  else if (body.type === 'stream') yield* itemTexts(body.items)
}

/** Every text of a test in which a placeholder can stand. */
export function* testTexts(test: TestCase): Generator<string> {
  yield test.request.url
  for (const [, value] of test.request.headers) yield value
  yield* bodyTexts(test.request.body)
  yield test.response.statusMessage
  for (const [, value] of test.response.headers) yield value
  yield* bodyTexts(test.response.body)
  if (test.stream) yield* itemTexts(test.stream.items)
}
