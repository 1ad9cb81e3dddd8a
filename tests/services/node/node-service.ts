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

/** An id that nothing has, which serves as a UUID too. */
export const MISSING = '00000000-0000-4000-8000-000000000000'
