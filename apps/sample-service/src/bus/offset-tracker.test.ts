import { expect, test } from 'vitest'

import { OffsetTracker } from './offset-tracker.ts'

test('the position is the smallest offset that is not finished', () => {
  const tracker = new OffsetTracker()
  for (const offset of [5n, 6n, 7n]) tracker.started(offset)
  tracker.finished(6n)
  expect(tracker.position()).toBe(5n)
  tracker.finished(5n)
  expect(tracker.position()).toBe(7n)
  tracker.finished(7n)
  expect(tracker.position()).toBe(8n)
})

test('an offset that was started twice is done when both are', () => {
  const tracker = new OffsetTracker()
  tracker.started(3n)
  tracker.started(3n)
  tracker.finished(3n)
  expect(tracker.position()).toBe(3n)
  tracker.finished(3n)
  expect(tracker.position()).toBe(4n)
})
