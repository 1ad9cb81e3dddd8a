/**
 * A plain scalar whose text says more than its value: `1.10`, `007`, `True`, `9007199254740993.5`. Where a string is
 * wanted the text counts (as in Keploy), where a number or a truth value is wanted the value does.
 */
export class PlainScalar {
  readonly text: string
  readonly value: number | bigint | boolean

  constructor(text: string, value: number | bigint | boolean) {
    this.text = text
    this.value = value
  }

  /** Names the class to js-yaml, which then takes `toString` where a scalar of this class is a key. */
  get [Symbol.toStringTag](): string {
    return 'PlainScalar'
  }

  toString(): string {
    return this.text
  }

  toJSON(): unknown {
    return typeof this.value === 'bigint' ? this.text : this.value
  }
}

/** A value under a tag that we give no meaning to, for example `!pg/numeric`; kept as it is. */
export class TaggedValue {
  readonly tag: string
  readonly value: unknown

  constructor(tag: string, value: unknown) {
    this.tag = tag
    this.value = value
  }

  get [Symbol.toStringTag](): string {
    return 'TaggedValue'
  }

  toString(): string {
    return scalarText(this.value) ?? this.tag
  }
}

/** What a YAML document holds once read: plain objects, arrays, and these scalars. */
export type YamlValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | PlainScalar
  | TaggedValue
  | YamlValue[]
  | { [key: string]: YamlValue }

/** Whether a value is a mapping (and not one of our scalar classes). */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof Uint8Array) &&
    !(value instanceof PlainScalar) &&
    !(value instanceof TaggedValue)
  )
}

/** An own property, so that `__proto__` and `constructor` in a file are data like all else. */
export function own(value: unknown, key: string): unknown {
  return isRecord(value) && Object.hasOwn(value, key) ? value[key] : undefined
}

/** An own property whatever the case of its name: some of Keploy's structs lower-case theirs. */
export function ownAnyCase(value: unknown, key: string): unknown {
  const exact = own(value, key)
  if (exact !== undefined || !isRecord(value)) return exact
  const wanted = key.toLowerCase()
  for (const name of Object.keys(value)) {
    if (name.length === wanted.length && name.toLowerCase() === wanted) return value[name]
  }
  return undefined
}

/** The text of a scalar as a reader that wants a string sees it; `undefined` when it is not a scalar. */
export function scalarText(value: unknown): string | undefined {
  if (typeof value === 'string') return value
  if (value === null) return ''
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean') return String(value)
  if (value instanceof PlainScalar) return value.text
  if (value instanceof TaggedValue) return scalarText(value.value)
  if (value instanceof Uint8Array) return Buffer.from(value).toString('utf8')
  return undefined
}

/** The number that a scalar stands for, quoted or not; `undefined` when it is none. */
export function scalarNumber(value: unknown): number | undefined {
  if (typeof value === 'number') return value
  if (typeof value === 'bigint') return Number(value)
  if (value instanceof PlainScalar) return typeof value.value === 'boolean' ? undefined : Number(value.value)
  if (typeof value === 'string' && value.trim() !== '') {
    const number = Number(value)
    return Number.isNaN(number) ? undefined : number
  }
  return undefined
}

/** Sets an own property even when it is called `__proto__`. */
export function setOwn(target: Record<string, unknown>, key: string, value: unknown): void {
  if (key === '__proto__') {
    Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true })
  } else {
    target[key] = value
  }
}
