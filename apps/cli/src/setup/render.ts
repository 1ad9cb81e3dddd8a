import { editConfig } from '@keploy-framework/config'
import { stringify } from 'yaml'

import type { Detection, Language } from './detect/detection.ts'
import { fillTemplate } from './template.ts'

/** What `keploy.yml` says about a service. */
export interface ServiceFacts {
  readonly command: string
  readonly port: number
  readonly framework?: string
}

/** A new, commented `keploy.yml`. */
export function renderConfig(facts: ServiceFacts): Promise<string> {
  const note =
    facts.framework === undefined
      ? facts.command === ''
        ? 'Nothing was recognised here: fill it in.'
        : ''
      : `Found: ${facts.framework}.`
  return fillTemplate('keploy.yml', {
    COMMAND: scalar(facts.command),
    PORT: String(facts.port),
    FRAMEWORK_NOTE: note,
  }).then((text) => text.replaceAll(/ +$/gm, ''))
}

/** Fills what an existing `keploy.yml` leaves open; what it says already is only changed for what was asked for. */
export function completeConfig(
  text: string,
  present: ServiceFacts,
  found: ServiceFacts,
  asked: Partial<ServiceFacts>,
): string {
  let result = text
  const command = asked.command ?? (present.command === '' ? found.command : present.command)
  const port = asked.port ?? (present.port === 0 ? found.port : present.port)
  if (command !== present.command) result = editConfig(result, 'command', command)
  if (port !== present.port) result = editConfig(result, 'port', port)
  return result
}

const LANGUAGE_STEPS: Readonly<Record<Language, string>> = {
  node: '',
  python: "      - uses: actions/setup-python@v5\n        with:\n          python-version: '3.x'",
  go: '      - uses: actions/setup-go@v5\n        with:\n          go-version-file: go.mod',
  java: "      - uses: actions/setup-java@v4\n        with:\n          distribution: temurin\n          java-version: '21'",
  ruby: '      - uses: ruby/setup-ruby@v1',
  dotnet: "      - uses: actions/setup-dotnet@v4\n        with:\n          dotnet-version: '8.x'",
  php: '', // PHP and Composer are on the machine.
}

/** The GitHub Actions workflow: tests, coverage, a comment on the pull request, and a run each night. */
export async function renderWorkflow(detection: Detection | undefined): Promise<string> {
  const install = detection?.install ?? ['echo "Install what the service needs here."']
  const steps = detection ? LANGUAGE_STEPS[detection.language] : ''
  const text = await fillTemplate('workflow.yml', {
    LANGUAGE_STEPS: steps,
    INSTALL: install.map((line) => `          ${line}`).join('\n'),
  })
  return steps === '' ? text.replace('          node-version: 22\n\n', '          node-version: 22\n') : text
}

/** The hook that checks formatting and replays the tests before a commit. */
export function renderHook(detection: Detection | undefined): Promise<string> {
  const check = detection?.formatCheck
  return fillTemplate('pre-commit', {
    FORMAT:
      check === undefined
        ? '# No formatter was found in this project. Put its check here: some-formatter --check . || fail "…"'
        : `${check} || fail "The code is not formatted."`,
  })
}

export function renderGitignore(): Promise<string> {
  return fillTemplate('keploy.gitignore')
}

/** The project's own `.gitignore`, with the folder of reports added where it is not yet named. */
export function ignoreReports(text = ''): string {
  if (/^[ \t]*!?\/?(?:\*\*\/)?keploy-report(?:\/\**)?[ \t]*\r?$/m.test(text)) return text
  const end = text.includes('\r\n') ? '\r\n' : '\n'
  return `${text}${text === '' || text.endsWith('\n') ? '' : end}keploy-report/${end}`
}

/** Text as a YAML value on one line. */
function scalar(value: string): string {
  const line = stringify(value, { lineWidth: 0 }).trimEnd()
  return line.includes('\n') ? JSON.stringify(value) : line
}
