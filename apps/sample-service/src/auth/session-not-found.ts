import { HttpError } from '../http/http-error.ts'

/** The answer about a session of another user, word for word that about one that does not exist. */
export const sessionNotFound = (): HttpError => new HttpError(404, 'Session not found')
