import { expect, test } from 'vitest'

import { budgetContract } from '../../test/contracts/budgets.ts'
import { MemoryBudgets } from './memory-budgets.ts'

budgetContract('in this process', async (work) => {
  await using budgets = new MemoryBudgets()
  await work(budgets)
})

test('a charge is forgotten after a day', async () => {
  let now = 0
  await using budgets = new MemoryBudgets({ now: () => now })
  await budgets.consume('t', 'p', 1, 'one')
  now = 86_399_999
  await expect(budgets.consume('t', 'p', 1, 'one')).resolves.toMatchObject({ total_tokens: 1 })
  now = 86_400_000
  await expect(budgets.consume('t', 'p', 1, 'one')).resolves.toMatchObject({ total_tokens: 2 })
})
