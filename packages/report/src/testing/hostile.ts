import type { RunResult, TestResult } from '@keploy-framework/format'

import { runResult, testResult } from './sample-run.ts'

/** Texts that would do harm in a terminal, in HTML, in XML, in Markdown or in a workflow log. */
export const HOSTILE: readonly string[] = [
  '<script>alert(1)</script>',
  '</script><script>alert(2)</script>',
  '<!--<script>',
  '"><img src=x onerror=alert(3)>',
  `' autofocus onfocus=alert(4) x='`,
  'line\u2028separator\u2029here',
  '\u001b]0;title\u0007\u001b[31mred\u001b[2J',
  '\u009b31m c1 \u0085',
  'abc\u202egnp.exe',
  '\u0000\u0001\ufffe\ud800',
  ']]>&amp;<![CDATA[',
  '::error file=x::injected\n::set-output name=a::b',
  '##[add-mask]secret',
  '%0A::warning::encoded',
  '[click](javascript:alert(5)) `code` | **bold** <b>x</b>',
  '__proto__',
  'javascript:alert(6)',
]

/** A failed test in which every text is one of them. */
export function hostileTest(text: string): TestResult {
  return testResult({
    set: text,
    name: text,
    suite: text,
    file: text,
    status: 'failed',
    method: text,
    path: text,
    failures: [{ kind: 'body', path: text, expected: text, actual: { [text]: text }, message: text }],
    bound: [{ recorded: text, live: text, form: text, where: text }],
    rules: [{ path: text, rule: text }],
    tags: [text],
    curl: text,
    expected: { status: 200, headers: [[text, text]], body: text },
    actual: { status: 500, headers: [[text, `${text}!`]], body: JSON.stringify({ [text]: text }) },
  })
}

/** A run of nothing else. */
export function hostileRun(texts: readonly string[] = HOSTILE): RunResult {
  return runResult(texts.map(hostileTest))
}
