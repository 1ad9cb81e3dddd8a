import type { TestResult } from '@keploy-framework/format'

import type { LineHits } from './line-hits.ts'

/** lcov, which most tools read. */
export function lcovText(hits: LineHits): string {
  const parts: string[] = []
  for (const [file, lines] of hits) {
    const sorted = [...lines].toSorted(([a], [b]) => a - b)
    const covered = sorted.filter(([, count]) => count > 0).length
    const data = sorted.map(([line, count]) => `DA:${line},${count}\n`).join('')
    parts.push(`TN:\nSF:${file}\n${data}LF:${sorted.length}\nLH:${covered}\nend_of_record\n`)
  }
  return parts.join('')
}

/** Codecov's own JSON: https://docs.codecov.com/docs/codecov-custom-coverage-format */
export function codecovJson(hits: LineHits): string {
  const coverage: [string, Record<string, number>][] = []
  for (const [file, lines] of hits) {
    coverage.push([file, Object.fromEntries([...lines].map(([line, count]) => [String(line), count]))])
  }
  return `${JSON.stringify({ coverage: Object.fromEntries(coverage) })}\n`
}

/** SonarQube's generic coverage: https://docs.sonarsource.com/sonarqube-server/analyzing-source-code/test-coverage/generic-test-data */
export function sonarCoverageXml(hits: LineHits): string {
  const files = [...hits].map(([file, lines]) => {
    const rows = [...lines]
      .toSorted(([a], [b]) => a - b)
      .map(([line, count]) => `    <lineToCover lineNumber="${line}" covered="${count > 0}"/>\n`)
    return `  <file path="${attribute(file)}">\n${rows.join('')}  </file>\n`
  })
  return `<?xml version="1.0" encoding="UTF-8"?>\n<coverage version="1">\n${files.join('')}</coverage>\n`
}

/** SonarQube's generic test execution; `duration` is in whole milliseconds. */
export function sonarTestsXml(tests: readonly TestResult[]): string {
  const files = Map.groupBy(tests, ({ file }) => file)
  const parts = [...files].map(([file, list]) => {
    const cases = list.map((test) => {
      const head = `    <testCase name="${attribute(test.name)}" duration="${Math.round(test.durationMs)}"`
      if (test.status === 'passed' || test.status === 'flaky') return `${head}/>\n`
      const message = test.failures[0]?.message ?? `The test is ${test.status}.`
      const element = test.status === 'skipped' ? 'skipped' : test.status === 'blocked' ? 'error' : 'failure'
      const text = attribute(test.failures.map((failure) => failure.message).join('\n'))
      return `${head}>\n      <${element} message="${attribute(message)}">${text}</${element}>\n    </testCase>\n`
    })
    return `  <file path="${attribute(file)}">\n${cases.join('')}  </file>\n`
  })
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testExecutions version="1">\n${parts.join('')}</testExecutions>\n`
}

const ESCAPED: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\n': '&#10;',
  '\r': '&#13;',
  '\t': '&#9;',
}

/** Text for an attribute or an element; characters that XML cannot hold become U+FFFD. */
function attribute(text: string): string {
  return (
    text
      // oxlint-disable-next-line no-control-regex -- these are what XML 1.0 forbids
      .replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Cs}/gu, '\uFFFD')
      .replaceAll(/[&<>"\n\r\t]/g, (found) => ESCAPED[found] ?? found)
  )
}
