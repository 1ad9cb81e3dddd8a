import { BindingTable, createNoise, planBindings, type NoiseMatcher, type NoiseRules } from '@keploy-framework/match'

import { defaults } from '../defaults.ts'
import type { MockSession } from '../mocks/mock-session.ts'
import type { TestLibrary } from '../plan/test-library.ts'
import type { HttpSender } from '../send/http-sender.ts'
import { secretValues, secretVariables } from '../text/secrets.ts'
import type { RunScope } from './run-scope.ts'
import type { SetContext } from './set-context.ts'

/** Makes contexts of one set, each with bindings of its own. */
export interface SetContexts {
  /** For the first test alone: it can be sent before the set is known, because nothing came before it. */
  early(sender: HttpSender): SetContext
  next(sender: HttpSender): Promise<SetContext>
}

export function setContexts(source: TestLibrary, scope: RunScope, mocks?: MockSession): SetContexts {
  const { options, target } = scope
  const secrets = secretValues({ set: source.name, file: source.secretValues, env: options.env ?? process.env })
  const records = new Map(source.secrets.map((record) => [record.number, record]))
  const learnSecret = (number: number, value: string): void =>
    options.redactor.learn(value, { kind: records.get(number)?.kind ?? 'secret', number })
  const secretOf = (number: number): string | undefined => {
    const value = secrets.byNumber(number)
    if (value !== undefined) learnSecret(number, value)
    return value
  }
  // Before anything is sent, as the service may print what it is sent.
  for (const number of records.keys()) secretOf(number)
  const templated = Object.keys(source.templates).length > 0
  const tableOptions = { lookup: secretOf, secrets: source.secrets }
  const shared = {
    set: source.name,
    ...(mocks !== undefined && { mocks }),
    acceptArguments: options.acceptArguments ?? [],
    directory: source.directory,
    target,
    testTimeoutMs: options.testTimeoutMs ?? defaults.testTimeoutMs,
    bodyLimit: options.bodyLimit ?? defaults.bodyLimit,
    compare: options.compare ?? {},
    lookup: (name: string): unknown => {
      if (name.startsWith('secret.')) {
        const value = secrets.byName(name.slice('secret.'.length))
        if (value !== undefined) options.redactor.learn(value, { kind: 'secret of the set' })
        return value
      }
      return Object.hasOwn(source.templates, name) ? source.templates[name] : undefined
    },
    isLiteral: (name: string): boolean => !templated && !name.startsWith('secret.'),
    noiseOf: noiseFinder(source.name, scope),
    hint: (name: string): string => {
      const [own, general] = secretVariables(source.name, name)
      return `Set ${own} or ${general} in the environment, or add \`${name}\` to secret.yaml in the set's folder.`
    },
    describeSecret: (number: number): string => {
      const record = records.get(number)
      return `{{secret.${number}}}${record === undefined ? '' : ` (${record.kind}, first seen in the ${record.firstSeen})`}`
    },
    learnSecret,
    crash: () => scope.crash(),
  }
  const next = async (sender: HttpSender): Promise<SetContext> => {
    const { bindings, recordedHosts } = await source.know()
    return { ...shared, sender, recordedHosts, table: new BindingTable(bindings, tableOptions) }
  }
  return {
    next,
    early(sender) {
      const known = next(sender)
      // A failure shows where the knowledge is used; here it must not count as unhandled.
      known.catch(() => undefined)
      const table = new BindingTable(planBindings([]), tableOptions)
      return { ...shared, sender, recordedHosts: [], table, known }
    },
  }
}

/** Rules are compiled once, however many tests share them. Rules that can't be used are told once. */
function noiseFinder(set: string, scope: RunScope): SetContext['noiseOf'] {
  const { noise, looseNoise = false } = scope.options
  const shared: NoiseRules = {
    ...(noise?.global === undefined ? {} : { global: noise.global }),
    ...(noise?.sets !== undefined && Object.hasOwn(noise.sets, set) ? { set: noise.sets[set] ?? {} } : {}),
  }
  const told = new Set<string>()
  const compiled = (rules: NoiseRules): NoiseMatcher => {
    const matcher = createNoise(rules, { loose: looseNoise })
    for (const { code, message, severity } of matcher.issues) {
      if (told.has(message)) continue
      told.add(message)
      scope.notice(severity, code, message)
    }
    return matcher
  }
  const plain = compiled(shared)
  const known = new Map<string, NoiseMatcher>()
  return ({ assertions }) => {
    if (assertions.noise.size === 0) return plain
    let key = ''
    for (const [path, patterns] of assertions.noise)
      key += patterns.length === 0 ? `${path}\n\n` : `${path}\n${patterns.join('\t')}\n`
    const cached = known.get(key)
    if (cached !== undefined) return cached
    const matcher = compiled({ ...shared, test: assertions.noise })
    if (known.size < defaults.noiseCache) known.set(key, matcher)
    return matcher
  }
}
