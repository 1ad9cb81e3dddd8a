/** What came back. */
export interface Answer {
  status: number
  // oxlint-disable-next-line typescript/no-explicit-any -- JSON of routes that the drive knows
  body: any
}

export interface Said {
  /** Whose request it is; nobody's without one. */
  token?: string
  body?: unknown
  /** Sent as it is, in place of `body`. */
  raw?: string
  /** How many seconds the answer may take to become this one, where dependencies are real. */
  within?: number
}

/** Sends one request; `name` becomes the name of its test. */
export type Send = (name: string, method: string, path: string, said?: Said) => Promise<Answer>

/** A client of the platform, as the users of the drive have it. */
export interface DriveClient {
  send: Send
  /** A token for somebody, from the platform itself. */
  tokenFor: (user: {
    id: string
    tenant: string
    role?: 'practitioner' | 'client' | 'admin'
    expires_in?: number
  }) => Promise<string>
}

/** @param baseUrl where the platform listens, without a slash at the end */
export function driveClient(baseUrl: string): DriveClient {
  const send: Send = async (name, method, path, { token, body, raw, within } = {}) => {
    const content = raw ?? (body === undefined ? undefined : JSON.stringify(body))
    const response = await fetch(baseUrl + path, {
      method,
      redirect: 'manual',
      headers: {
        'keploy-test-name': name,
        ...(within !== undefined && { 'keploy-test-within': String(within) }),
        ...(content !== undefined && { 'content-type': 'application/json' }),
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
      },
      ...(content !== undefined && { body: content }),
    })
    const text = await response.text()
    const isJson = response.headers.get('content-type')?.includes('json') === true && text !== ''
    return { status: response.status, body: isJson ? (JSON.parse(text) as unknown) : text }
  }
  return {
    send,
    async tokenFor(user) {
      const { body } = await send(`a token for ${user.id}`, 'POST', '/dev/token', { body: user })
      return body.token as string
    },
  }
}
