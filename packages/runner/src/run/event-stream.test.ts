import type { RunEvent } from '@keploy-framework/format'
import { expect, it } from 'vitest'

import { EventStream } from './event-stream.ts'

const event = (at: number): RunEvent => ({ type: 'set-finished', at, set: 'a' })

it('makes the writer wait while the reader is behind', async () => {
  const stream = new EventStream(2, () => undefined)
  stream.push(event(1))
  expect(stream.room()).toBeUndefined()
  stream.push(event(2))
  const room = stream.room()
  expect(room).toBeInstanceOf(Promise)
  const reader = stream[Symbol.asyncIterator]()
  expect(await reader.next()).toEqual({ done: false, value: event(1) })
  await room
  expect(await reader.next()).toEqual({ done: false, value: event(2) })
  stream.push(event(3))
  stream.end()
  expect(await reader.next()).toEqual({ done: false, value: event(3) })
  expect(await reader.next()).toEqual({ done: true, value: undefined })
})

it('hands on the error with which the run ended', async () => {
  const stream = new EventStream(2, () => undefined)
  const reading = (async () => {
    for await (const _ of stream) void _
  })()
  stream.end(new Error('no target'))
  await expect(reading).rejects.toThrow('no target')
})

it('says when its reader leaves, and no longer holds the writer up', async () => {
  let left = 0
  const stream = new EventStream(1, () => {
    left += 1
  })
  stream.push(event(1))
  const room = stream.room()
  for await (const _ of stream) break
  await room
  stream.push(event(2))
  expect(stream.room()).toBeUndefined()
  expect(left).toBe(1)
})
