import { UnavailableError } from '../bus/errors.ts'
import { isUnavailable } from './is-unavailable.ts'

/** Runs work of a handler; when the database is away the message waits instead of using up its attempts. */
export async function whileAvailable<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    if (isUnavailable(error)) throw new UnavailableError('the database does not answer', { cause: error })
    throw error
  }
}
