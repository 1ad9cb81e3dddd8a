import {
  BindingTable,
  createNoise,
  type BindingPlan,
  type NoiseMatcher,
  type NoiseRules,
} from '@keploy-framework/match'

import { defaults } from '../defaults.ts'
import type { TestLibrary } from '../plan/test-library.ts'
import type { HttpSender } from '../send/http-sender.ts'
import { secretValues, secretVariables } from '../text/secrets.ts'
import type { RunScope } from './run-scope.ts'
import type { SetContext } from './set-context.ts'

/** Makes contexts with bindings of their own: one for a whole set, or one per independent chain. */
export interface SetContextMaker {
  readonly bindings: BindingPlan
  /** Positions in the set by name. */
  readonly positions: ReadonlyMap<string, number>
  next(sender: HttpSender): SetContext
}

export async function createSetContext(source: TestLibrary, scope: RunScope): Promise<SetContextMaker> {
  const { options, target } = scope
  const { bindings, recordedHosts, positions } = await source.know()
  const secrets = secretValues({ set: source.name, file: source.secretValues, env: options.env ?? process.env })
  const noiseOf = noiseFinder(source.name, scope)
  return {
    bindings,
    positions,
    next: (sender) => ({
      set: source.name,
      directory: source.directory,
      target,
      recordedHosts,
      sender,
      table: new BindingTable(bindings, { lookup: (number) => secrets.byNumber(number), secrets: source.secrets }),
      testTimeoutMs: options.testTimeoutMs ?? defaults.testTimeoutMs,
      bodyLimit: options.bodyLimit ?? defaults.bodyLimit,
      compare: options.compare ?? {},
      lookup: (name) => {
        if (name.startsWith('secret.')) return secrets.byName(name.slice('secret.'.length))
        return Object.hasOwn(source.templates, name) ? source.templates[name] : undefined
      },
      noiseOf,
      hint: (name) => {
        const [own, general] = secretVariables(source.name, name)
        return `Set ${own} or ${general} in the environment, or add \`${name}\` to secret.yaml in the set's folder.`
      },
      crash: () => scope.crash(),
    }),
  }
}

/** Rules that no test adds to are compiled once. Rules that can't be used are told once. */
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
  return (test) => (test.assertions.noise.size === 0 ? plain : compiled({ ...shared, test: test.assertions.noise }))
}
