import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { codecovJson, lcovText, sonarCoverageXml, sonarTestsXml } from '@keploy-framework/suite'
import type { SuiteOutcome } from '@keploy-framework/suite'

/** Writes coverage for people and services, and the tests for SonarQube; gives the names of the files. */
export async function writeArtifacts(folder: string, { result, coverage }: SuiteOutcome): Promise<string[]> {
  if (coverage === undefined) return []
  const tests = result.sets.flatMap((set) => set.tests)
  const files = {
    'lcov.info': lcovText(coverage.hits),
    'codecov.json': codecovJson(coverage.hits),
    'sonar-coverage.xml': sonarCoverageXml(coverage.hits),
    'sonar-tests.xml': sonarTestsXml(tests),
  }
  await mkdir(folder, { recursive: true })
  const written: string[] = []
  for (const [name, text] of Object.entries(files)) {
    await writeFile(join(folder, name), text)
    written.push(join(folder, name))
  }
  return written
}
