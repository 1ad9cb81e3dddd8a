import { createHash } from 'node:crypto'

import type { RunResult } from '@keploy-framework/format'

import type { RunNotice } from '../collector.ts'
import { scriptJson } from './html-text.ts'
import { pageTest } from './page-data.ts'
import { allowedHtml, noticesHtml, suitesHtml, summaryHtml, toolsHtml } from './page-summary.ts'
import { PAGE_SCRIPT, PAGE_STYLE } from './templates/page-assets.ts'

// In a function, so that the page's names cannot meet those of the browser.
const SCRIPT = `(() => {\n'use strict'\n${PAGE_SCRIPT}})()`

/** What the page can show beside the result. */
export interface HtmlOptions {
  /** Warnings, gaps and the output of the service. */
  readonly notices?: readonly RunNotice[]
  /** Where the requests went. */
  readonly target?: string | undefined
  /** When the run began, in milliseconds since the epoch. */
  readonly startedAt?: number | undefined
}

/**
 * A result as one HTML page that opens from disk. It asks for nothing from outside, and its policy lets no script or style
 * run but its own.
 *
 * @example
 * await writeFile('report.html', renderHtml(result))
 */
export function renderHtml(result: RunResult, options: HtmlOptions = {}): string {
  return [...htmlParts(result, options)].join('')
}

/** The same in pieces of one test each. */
export function* htmlParts(result: RunResult, options: HtmlOptions = {}): Generator<string> {
  const { notices = [], target, startedAt } = options
  const about = [
    ...(target === undefined ? [] : [target]),
    ...(startedAt === undefined ? [] : [`${new Date(startedAt).toISOString().slice(0, 19).replace('T', ' ')} UTC`]),
  ]
  yield `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy()}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<link rel="icon" href="data:,">
<title>API replay report: ${result.status}</title>
<style>${PAGE_STYLE}</style>
</head>
<body>
<a class="skip" href="#tests">To the tests</a>
${summaryHtml(result, about)}
<main class="wrap">
${noticesHtml(notices)}
${suitesHtml(result)}
${allowedHtml(result)}
${toolsHtml(result)}
<noscript><p class="empty">The list of tests needs JavaScript. The page loads nothing from outside.</p></noscript>
<ul class="tests" id="tests" tabindex="-1" aria-label="Tests"></ul>
<p class="empty" id="empty" hidden>No test matches.</p>
<button class="plain more" type="button" id="more" hidden>Show more</button>
</main>
<footer class="wrap">Made by keploy-framework. Arrow keys move between tests, Enter opens one, / searches.</footer>
<script type="application/json" id="run-data">{"tests":[`
  let index = 0
  for (const set of result.sets) {
    for (const test of set.tests) {
      yield (index === 0 ? '\n' : ',\n') + scriptJson(pageTest(test, index))
      index += 1
    }
  }
  yield `]}</script>
<script>${SCRIPT}</script>
</body>
</html>
`
}

function policy(): string {
  const hash = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`
  return [
    `default-src 'none'`,
    `script-src ${hash(SCRIPT)}`,
    `style-src ${hash(PAGE_STYLE)}`,
    `img-src data:`,
    `base-uri 'none'`,
    `form-action 'none'`,
  ].join('; ')
}
