import type { Row } from '../row.ts'
import { run as runAnswers } from './answers.ts'
import { run as runLargeSets } from './large-sets.ts'

/** What recording and answering the calls of a service costs. */
export async function run(): Promise<Row[]> {
  return [...(await runAnswers()), ...(await runLargeSets())]
}
