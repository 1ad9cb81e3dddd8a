import type { createRedactor } from '@keploy-framework/redact'

/** What cassettes need of the other packages, which are slow to load. */
export interface LoadedFormat {
  readonly emitYaml: typeof import('@keploy-framework/format').emitYaml
  readonly readMocks: typeof import('@keploy-framework/format').readMocks
  readonly scalarText: typeof import('@keploy-framework/format').scalarText
  readonly createRedactor: typeof createRedactor
}

let loaded: Promise<LoadedFormat> | undefined

/** Loads them once. */
export function loadFormat(): Promise<LoadedFormat> {
  return (loaded ??= (async () => {
    const [format, redact] = await Promise.all([import('@keploy-framework/format'), import('@keploy-framework/redact')])
    return {
      emitYaml: format.emitYaml,
      readMocks: format.readMocks,
      scalarText: format.scalarText,
      createRedactor: redact.createRedactor,
    }
  })())
}
