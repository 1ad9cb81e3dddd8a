import { reasonOf } from '../json.ts'

/** Whether tests with the real API can run. */
export type OpenAiKey =
  | { readonly available: true; readonly key: string; readonly baseUrl: string; readonly reason?: undefined }
  /** Why not, and what to do; for the name of the skip. */
  | { readonly available: false; readonly reason: string; readonly key?: undefined; readonly baseUrl?: undefined }

/** How a key is checked. */
export interface RequireKeyOptions {
  /** Default: `OPENAI_BASE_URL` of the environment, else `https://api.openai.com/v1`. */
  readonly baseUrl?: string
  /** Asks the API whether it takes the key; lists models, which costs nothing. Default: true. */
  readonly verify?: boolean
  /** Milliseconds until the check is given up. Default: 15000. */
  readonly timeoutMs?: number
}

/**
 * Says whether tests with the real API can run: `ENABLE_REAL_API_TESTS` is on, and `OPENAI_API_KEY` is a key that the API
 * takes. Never throws, so that a suite can skip by name with the reason.
 *
 * @example
 * const real = await requireOpenAiKey(process.env)
 * describe.skipIf(!real.available)(`real flows ${real.reason ?? ''}`, () => {})
 */
export async function requireOpenAiKey(
  env: Readonly<Record<string, string | undefined>>,
  options: RequireKeyOptions = {},
): Promise<OpenAiKey> {
  const switched = env['ENABLE_REAL_API_TESTS']?.trim().toLowerCase()
  if (switched === undefined || !['1', 'true', 'yes', 'on'].includes(switched)) {
    return no(
      'tests with the real API are off; set ENABLE_REAL_API_TESTS=true and OPENAI_API_KEY to run them, which costs money',
    )
  }
  const key = env['OPENAI_API_KEY']?.trim() ?? ''
  if (key === '') return no('OPENAI_API_KEY is not set; set it, or unset ENABLE_REAL_API_TESTS')
  if (/[^\x21-\x7e]/.test(key)) return no('OPENAI_API_KEY holds a space or a character that no key has; copy it again')
  const baseUrl = (options.baseUrl ?? (env['OPENAI_BASE_URL'] || 'https://api.openai.com/v1')).replace(/\/+$/, '')
  if (options.verify === false) return { available: true, key, baseUrl }
  try {
    const answer = await fetch(`${baseUrl}/models`, {
      headers: { authorization: `Bearer ${key}`, connection: 'close' },
      signal: AbortSignal.timeout(options.timeoutMs ?? 15_000),
    })
    await answer.body?.cancel()
    if (answer.ok) return { available: true, key, baseUrl }
    if (answer.status === 401 || answer.status === 403) {
      return no(
        `${baseUrl} does not take the key in OPENAI_API_KEY (${answer.status}); check that it is valid and not revoked`,
      )
    }
    return no(`${baseUrl} answered ${answer.status} when the key was checked; try again later`)
  } catch (error) {
    return no(`${baseUrl} can't be reached: ${reasonOf(error)}; check the network or OPENAI_BASE_URL`)
  }
}

function no(reason: string): OpenAiKey {
  return { available: false, reason }
}
