import { readFileSync } from 'node:fs'
import { relative } from 'node:path'

import { bypassAddresses, bypassMatcher, type ResolvedConfig } from '@keploy-framework/config'
import type { PlanRelaysOptions } from '@keploy-framework/intercept'

/** Where the settings of a service are looked for that lead to its dependencies. */
export function discoverOptions(config: ResolvedConfig, cwd: string): PlanRelaysOptions {
  const { dependencies } = config
  const envFiles = dependencies.files.flatMap((file) => {
    const text = readText(file)
    return text === undefined ? [] : [{ name: relative(cwd, file) || file, text }]
  })
  return {
    env: process.env,
    envFiles,
    map: dependencies.map,
    ignore: dependencies.ignore,
    bypass: bypassMatcher(dependencies),
    bypassRules: bypassAddresses(dependencies),
    readFile: readText,
  }
}

/** A file that is not there, or can't be read, has no settings. */
function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}
