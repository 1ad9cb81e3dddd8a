import {
  listTestSets,
  openTestSet,
  readSetConfig,
  type InputIssue,
  type TestCase,
  type TestSetReader,
} from '@keploy-framework/format'
import { listJournals } from '@keploy-framework/recorder'
import { findPlaceholders } from '@keploy-framework/redact'
import { secretVariables } from '@keploy-framework/runner'

import { fail, ok, warn, type Check } from './check.ts'

/** Looks at every test of every set, one at a time, and at the secrets that they need. */
export async function checkSets(
  directory: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<Check[]> {
  const sets = await listTestSets(directory).catch(() => [])
  if (sets.length === 0) {
    return [warn('tests', 'There are no recorded tests.', 'Record some: `keploy-framework record`.')]
  }
  const checks: Check[] = []
  let tests = 0
  for (const { name, directory: folder } of sets) {
    try {
      const reader = await openTestSet(folder, { name })
      tests += reader.index.length
      checks.push(...(await checkSet(reader, env)))
    } catch (error) {
      checks.push(
        fail(
          'tests',
          `${name} cannot be read: ${error instanceof Error ? error.message : String(error)}`,
          'Check the permissions of the folder.',
        ),
      )
    }
  }
  const broken = checks.some((check) => check.name === 'tests')
  const count = `${plural(tests, 'test')} in ${plural(sets.length, 'set')}`
  return broken ? checks : [ok('tests', `${count}, all readable.`), ...checks]
}

/** Says when a recording was left that did not end as it should: nothing else would tell that its tests are there. */
export async function checkJournals(directory: string): Promise<Check[]> {
  const left = (await listJournals(directory)).filter((journal) => !journal.inUse)
  if (left.length === 0) return []
  return [
    warn(
      'journal',
      `${plural(left.length, 'recording')} did not end as it should.`,
      'Make tests of what was recorded: `keploy-framework record --recover`.',
    ),
  ]
}

export function plural(number: number, word: string): string {
  return `${number} ${word}${number === 1 ? '' : 's'}`
}

async function checkSet(reader: TestSetReader, env: Readonly<Record<string, string | undefined>>): Promise<Check[]> {
  const config = await readSetConfig(reader.directory)
  const errors: InputIssue[] = [...reader.issues, ...config.issues].filter(isError)
  /** Numbers of secrets whose value a response brings, so far. */
  const produced = new Set<number>()
  /** Numbers of secrets that no earlier response brings, to the first test that needs each. */
  const needed = new Map<number, string>()
  for (const position of reader.index.keys()) {
    const { test, issues } = await reader.read(position)
    errors.push(...issues.filter(isError))
    if (!test) continue
    for (const number of requestSecrets(test))
      if (!produced.has(number) && !needed.has(number)) needed.set(number, test.name)
    for (const number of responseSecrets(test)) produced.add(number)
  }
  const checks: Check[] = []
  const [first] = errors
  if (first) {
    const place = [first.file, first.line].filter((part) => part !== undefined).join(':')
    const more = errors.length > 1 ? ` (and ${plural(errors.length - 1, 'more problem')})` : ''
    checks.push(
      fail(
        'tests',
        `${reader.name}/${place}: ${first.message}${more}`,
        first.suggestion ?? 'Correct the file, or record the test again.',
      ),
    )
  }
  const missing = [...needed].filter(([number]) => !hasValue(number, reader.name, config.secrets, env))
  const [secret] = missing
  if (secret) {
    const names = missing.map(([number]) => secretVariables(reader.name, String(number))[1])
    checks.push(
      fail(
        'secrets',
        `${reader.name}: ${plural(missing.length, 'secret')} without a value, first needed by ${secret[1]}.`,
        `Set ${names.slice(0, 5).join(', ')}${names.length > 5 ? '…' : ''}, or write ${names.length === 1 ? 'it' : 'them'} into ${reader.name}/secret.yaml.`,
      ),
    )
  } else if (needed.size > 0) {
    checks.push(ok('secrets', `${reader.name}: ${plural(needed.size, 'secret')}, each with a value.`))
  }
  return checks
}

function isError(issue: InputIssue): boolean {
  return issue.severity === 'error'
}

function hasValue(
  number: number,
  set: string,
  file: Readonly<Record<string, unknown>>,
  env: Readonly<Record<string, string | undefined>>,
): boolean {
  const inFile = Object.hasOwn(file, String(number)) || Object.hasOwn(file, `secret.${number}`)
  return inFile || secretVariables(set, String(number)).some((name) => (env[name] ?? '') !== '')
}

function requestSecrets({ request }: TestCase): number[] {
  return [...findPlaceholders(request.url), ...headerSecrets(request.headers), ...bodySecrets(request.body)]
}

function responseSecrets({ response }: TestCase): number[] {
  return [...headerSecrets(response.headers), ...bodySecrets(response.body)]
}

function headerSecrets(headers: TestCase['request']['headers']): number[] {
  return headers.flatMap(([, value]) => findPlaceholders(value))
}

function bodySecrets(body: TestCase['request']['body']): number[] {
  return body.type === 'text' ? findPlaceholders(body.text) : []
}
