/** How each part is made. A factory asks the container for what its part needs. */
export type Factories<Parts> = {
  [Name in keyof Parts]: (container: Container<Parts>) => Parts[Name] | Promise<Parts[Name]>
}

export interface Container<Parts> extends AsyncDisposable {
  /** The part of this name: made when it is first asked for, and the same one for everybody. */
  get<Name extends keyof Parts>(name: Name): Promise<Parts[Name]>
  /** Several parts by their names, as a constructor takes them. */
  pick<Name extends keyof Parts>(...names: Name[]): Promise<Pick<Parts, Name>>
}

/**
 * A container for dependency injection: parts are made when they are needed, and disposing closes those that can be
 * closed, in the reverse order of their making, so that nobody loses a part while they still use it.
 *
 * @example
 * const container = createContainer<{ port: number; url: string }>({
 *   port: () => 8010,
 *   url: async (parts) => `http://127.0.0.1:${await parts.get('port')}`,
 * })
 * await container.get('url') // 'http://127.0.0.1:8010'
 */
export function createContainer<Parts>(factories: Factories<Parts>): Container<Parts> {
  const made = new Map<keyof Parts, Promise<unknown>>()
  const closing: AsyncDisposable[] = []
  let closed: Promise<void> | undefined

  const container: Container<Parts> = {
    get<Name extends keyof Parts>(name: Name) {
      let part = made.get(name) as Promise<Parts[Name]> | undefined
      if (!part) {
        if (closed) return Promise.reject(new Error(`${String(name)} was asked for after the container was closed.`))
        part = make(name)
        made.set(name, part)
      }
      return part
    },
    async pick<Name extends keyof Parts>(...names: Name[]) {
      const parts = await Promise.all(names.map(async (name) => [name, await container.get(name)] as const))
      return Object.fromEntries(parts) as Pick<Parts, Name>
    },
    [Symbol.asyncDispose]: () => (closed ??= close()),
  }

  async function make<Name extends keyof Parts>(name: Name): Promise<Parts[Name]> {
    const part = await factories[name](container)
    if (isDisposable(part)) closing.push(part)
    return part
  }

  async function close(): Promise<void> {
    // Parts whose making has begun are waited for, else they would be left open.
    await Promise.allSettled(made.values())
    const failures: unknown[] = []
    for (const part of closing.reverse()) {
      try {
        await part[Symbol.asyncDispose]()
      } catch (error) {
        failures.push(error)
      }
    }
    if (failures.length > 0) throw new AggregateError(failures, 'Some parts could not be closed.')
  }

  return container
}

function isDisposable(part: unknown): part is AsyncDisposable {
  return typeof part === 'object' && part !== null && Symbol.asyncDispose in part
}
