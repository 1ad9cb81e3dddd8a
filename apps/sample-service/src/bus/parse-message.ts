import { PoisonError } from './errors.ts'

/** The value of a record, or its text and what is wrong with it. */
export function parseMessage(text: string): { value: unknown; problem?: PoisonError } {
  try {
    return { value: JSON.parse(text) as unknown }
  } catch (error) {
    return { value: text, problem: new PoisonError(`not JSON: ${(error as Error).message}`, { cause: error }) }
  }
}
