import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { codecovJson, lcovText, sonarCoverageXml, sonarTestsXml } from '@keploy-framework/suite'
import type { SuiteOutcome } from '@keploy-framework/suite'

/**
 * Writes the tests for SonarQube, and coverage, where it was measured, for people and services; gives the names of the files.
 *
 * @param reports whether the run leaves reports; without them only coverage is written
 */
export async function writeArtifacts(
  folder: string,
  { result, coverage }: Pick<SuiteOutcome, 'result' | 'coverage'>,
  reports: boolean,
): Promise<string[]> {
  const tests = result.sets.flatMap((set) => set.tests)
  const files = {
    ...(coverage && {
      'lcov.info': lcovText(coverage.hits),
      'codecov.json': codecovJson(coverage.hits),
      'sonar-coverage.xml': sonarCoverageXml(coverage.hits),
    }),
    ...((reports || coverage) && { 'sonar-tests.xml': sonarTestsXml(tests) }),
  }
  const written: string[] = []
  for (const [name, text] of Object.entries(files)) {
    await mkdir(folder, { recursive: true })
    await writeFile(join(folder, name), text)
    written.push(join(folder, name))
  }
  return written
}
