import { isShallow, MAX_JSON_DEPTH } from '../schemas/json-depth.ts'
import { PoisonError } from './errors.ts'

/** The value of a record, or its text and what is wrong with it. */
export function parseMessage(text: string): { value: unknown; problem?: PoisonError } {
  try {
    const value = JSON.parse(text) as unknown
    if (isShallow(value)) return { value }
    return { value: text, problem: new PoisonError(`JSON that is nested more than ${MAX_JSON_DEPTH} deep`) }
  } catch (error) {
    return { value: text, problem: new PoisonError(`not JSON: ${(error as Error).message}`, { cause: error }) }
  }
}
