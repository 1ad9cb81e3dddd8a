import path from 'node:path'

import type { Send } from '../harness/record-and-replay.ts'

/** The command that starts one of the services here. */
export function nodeService(name: string): string[] {
  return [process.execPath, '--no-warnings', path.join(import.meta.dirname, `${name}-service.mjs`)]
}

/** Makes, reads, lists, changes and misses things, and runs into an error. */
export async function askForOrders(send: Send): Promise<void> {
  const { body: tea } = await send('POST', '/orders', { item: 'tea', amount: 4.5, tags: ['hot'], extra: { cups: 2 } })
  const { body: bread } = await send('POST', '/orders', { item: 'bread', amount: 3, tags: [], extra: {} })
  await send('POST', '/orders', { item: 'salt', amount: 12, tags: ['ünï', 'a"b'], extra: { deep: [1, null] } })
  await send('GET', '/orders')
  await send('GET', `/orders/${tea.id}`)
  await send('PUT', `/orders/${bread.id}`, { item: 'rye bread', amount: 3.25, paid: true })
  await send('GET', `/orders/${bread.id}`)
  await send('GET', `/orders/${MISSING}`)
  await send('POST', '/orders', { item: 'tea', amount: 1, tags: [], extra: {} })
  await send('GET', '/orders')
  await send('GET', '/wrong')
}

/** Keeps notes, changes one, and reads them. */
export async function keepNotes(send: Send): Promise<void> {
  await send('GET', '/notes')
  const { body: first } = await send('POST', '/notes', { text: 'buy tea' })
  const { body: second } = await send('POST', '/notes', { text: 'ünï "quoted"\r\n' })
  await send('GET', `/notes/${first.id}`)
  await send('PUT', `/notes/${second.id}`, { text: 'sell tea' })
  await send('GET', `/notes/${second.id}`)
  await send('GET', '/notes')
  await send('GET', '/count')
  await send('GET', `/notes/${MISSING}`)
  await send('GET', '/wrong')
}

/** Gives jobs to a consumer and looks whether they are done; puts one by, and takes it. */
export async function giveJobs(send: Send): Promise<void> {
  const { body: wash } = await send('POST', '/jobs', { task: 'wash' })
  await send('GET', `/jobs/${wash.id}`)
  const { body: dry } = await send('POST', '/jobs', { task: 'dry ü' })
  await send('GET', `/jobs/${dry.id}`)
  await send('POST', '/later', { task: 'fold' })
  await send('GET', '/queue')
  await send('GET', '/later')
  await send('GET', '/later')
}

/** Sends events and waits until they come back. */
export async function sendAndSee(send: Send): Promise<void> {
  const { body: tea } = await send('POST', '/orders', { item: 'tea' })
  await send('GET', `/seen/${tea.id}`)
  const { body: bread } = await send('POST', '/orders', { item: 'bread' })
  await send('PUT', `/orders/${bread.id}`, { item: 'rye bread' })
  await send('GET', `/seen/${bread.id}`)
  await send('GET', '/wrong')
}

/** Makes, lists, counts and changes documents. */
export async function askForDocuments(send: Send): Promise<void> {
  const { body: tea } = await send('POST', '/orders', { item: 'tea', amount: 4.5 })
  const { body: bread } = await send('POST', '/orders', { item: 'bread', amount: 3 })
  for (const item of ['salt', 'oil', 'ünï']) await send('POST', '/orders', { item, amount: 12 })
  await send('GET', '/orders')
  await send('GET', `/orders/${tea['_id']}`)
  await send('PUT', `/orders/${bread['_id']}`, { amount: 3.25 })
  await send('GET', `/orders/${bread['_id']}`)
  await send('GET', '/orders/000000000000000000000001')
  await send('POST', '/orders', { item: 'tea', amount: 1 })
  await send('GET', '/count')
  await send('GET', '/orders')
}

/** An id that nothing has, which serves as a UUID too. */
export const MISSING = '00000000-0000-4000-8000-000000000000'
