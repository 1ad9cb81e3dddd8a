/**
 * Globs of what a wrong verdict, a lost exchange, an outage that spreads or an overspent budget would come from: it is covered
 * further than the rest, to 95 % of its lines.
 */
export const criticalFiles: readonly string[] = [
  'apps/sample-service/src/agents/guarded-agent.ts',
  'apps/sample-service/src/budget/**',
  'apps/sample-service/src/model/model-circuit.ts',
  'packages/match/src/bindings/**',
  'packages/recorder/src/journal/**',
  'packages/redact/src/**',
  'packages/validator/src/**',
]

/** Share of lines that tests have to run, in percent: of every package, and of critical files. */
export const lineCoverage = { package: 85, critical: 95 } as const
