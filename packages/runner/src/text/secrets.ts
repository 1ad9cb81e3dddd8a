/** Values of secrets that a recording only has placeholders for. */
export interface SecretValues {
  /** The value of `{{secret.N}}`. */
  byNumber(number: number): string | undefined
  /** The value of Keploy's `{{string .secret.KEY}}`. */
  byName(name: string): string | undefined
}

export interface SecretSources {
  readonly set: string
  /** The set's `secret.yaml`, by key. */
  readonly file: Readonly<Record<string, unknown>>
  readonly env: Readonly<Record<string, string | undefined>>
}

/**
 * Looks secrets up: the variable of the set, the general variable, then the set's file.
 *
 * @example
 * secretValues({ set: 'test-set-0', file: {}, env: { KEPLOY_SECRET_1: 'abc' } }).byNumber(1) // 'abc'
 */
export function secretValues(sources: SecretSources): SecretValues {
  const byName = (name: string): string | undefined => {
    for (const variable of secretVariables(sources.set, name)) {
      const value = sources.env[variable]
      if (value !== undefined && value !== '') return value
    }
    return inFile(name)
  }
  const inFile = (name: string): string | undefined => {
    const value = Object.hasOwn(sources.file, name) ? sources.file[name] : undefined
    return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined
  }
  return { byName, byNumber: (number) => byName(String(number)) ?? inFile(`secret.${number}`) }
}

/**
 * The environment variables that can hold a secret of a set, by its number or name; the more specific one first.
 *
 * @example
 * secretVariables('test-set-0', '1') // ['KEPLOY_SECRET_TEST_SET_0_1', 'KEPLOY_SECRET_1']
 */
export function secretVariables(set: string, name: string): [string, string] {
  return [`KEPLOY_SECRET_${variablePart(set)}_${variablePart(name)}`, `KEPLOY_SECRET_${variablePart(name)}`]
}

function variablePart(text: string): string {
  return text.toUpperCase().replaceAll(/[^A-Z0-9]+/g, '_')
}
