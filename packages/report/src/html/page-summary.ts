import type { RunResult, RunStatus, RunSummary } from '@keploy-framework/format'

import type { RunNotice } from '../collector.ts'
import { llmUseText, totalLlmUse } from '../llm-use.ts'
import { mockUseText } from '../mock-use.ts'
import { type SuiteSummary, summarizeSuites } from '../suites.ts'
import { count, duration, percent } from '../text/numbers.ts'
import { visible, visibleKeepingTabs } from '../text/visible.ts'
import { htmlText } from './html-text.ts'

const STATUS_WORDS: Record<RunStatus, string> = {
  passed: 'Passed',
  failed: 'Failed',
  'timed-out': 'Timed out',
  interrupted: 'Interrupted',
}
const KINDS = ['passed', 'flaky', 'failed', 'blocked', 'skipped'] as const

/** What the page says of the run as a whole. It is there without the script. */
export function summaryHtml(result: RunResult, about: readonly string[]): string {
  const { summary, status } = result
  const passed = summary.passed + summary.flaky
  const ran = summary.total - summary.skipped
  const tallies = KINDS.filter((kind) => kind === 'passed' || kind === 'failed' || summary[kind] > 0).map(
    (kind) =>
      `<li><b class="${kind}">${count(summary[kind])}</b> ${kind}, ${percent(summary[kind], summary.total)}</li>`,
  )
  return `<header class="top"><div class="wrap">
<div class="head"><h1>API replay report</h1><span class="pill ${status}">${STATUS_WORDS[status]}</span><button class="plain push" type="button" id="theme">Switch theme</button></div>
<p class="meta">${about.map((part) => htmlText(visible(part))).join(' · ')}</p>
<div class="rate"><strong>${percent(passed, ran)}</strong><span>${count(passed)} of ${count(ran)} tests passed in ${duration(summary.durationMs)}</span></div>
${bar(summary)}
${mocksHtml(result)}${llmHtml(result)}<ul class="tallies"><li><b>${count(summary.total)}</b> total</li>${tallies.join('')}</ul>
</div></header>`
}

function mocksHtml(result: RunResult): string {
  const use = mockUseText(result)
  return use === undefined ? '' : `<p class="meta">Mocks: ${use}</p>\n`
}

function llmHtml(result: RunResult): string {
  const use = totalLlmUse(result)
  return use === undefined ? '' : `<p class="meta">Language models: ${htmlText(llmUseText(use))}</p>\n`
}

// Drawn, because the page's policy allows no style attributes.
function bar(summary: RunSummary): string {
  let at = 0
  const pieces = KINDS.map((kind) => {
    const width = summary.total === 0 ? 0 : (summary[kind] / summary.total) * 1000
    const piece = width === 0 ? '' : `<rect class="${kind}" x="${at}" y="0" width="${width}" height="10"/>`
    at += width
    return piece
  })
  return `<svg class="bar" viewBox="0 0 1000 10" preserveAspectRatio="none" aria-hidden="true">${pieces.join('')}</svg>`
}

/** The pass rates of the suites. */
export function suitesHtml(result: RunResult): string {
  const suites = summarizeSuites(result)
  if (suites.length === 0) return ''
  return `<section class="panel suites" aria-labelledby="suites-title"><h2 id="suites-title">Suites</h2><div class="scroll"><table id="suites">
<thead><tr><th scope="col">Suite</th><th scope="col" class="number">Tests</th><th scope="col" class="number">Passed</th><th scope="col" class="number">Failed</th><th scope="col" class="number">Other</th><th scope="col" class="number">Pass rate</th></tr></thead>
<tbody>${suites.map(suiteRow).join('\n')}</tbody></table></div></section>`
}

function suiteRow(suite: SuiteSummary): string {
  const name = htmlText(visible(suite.name))
  const ran = suite.total - suite.skipped
  const rate = ran === 0 ? 0 : suite.passed / ran
  const other = suite.blocked + suite.skipped
  const meter = `<meter min="0" max="1" low="0.999999" high="0.999999" optimum="1" value="${rate}" aria-label="Pass rate of ${name}"></meter>`
  const failed = suite.failed > 0 ? ' failed' : ''
  return `<tr><th scope="row"><button class="link" type="button" data-suite="${name}">${name}</button></th><td class="number">${count(suite.total)}</td><td class="number">${count(suite.passed)}</td><td class="number${failed}">${count(suite.failed)}</td><td class="number">${count(other)}</td><td class="number">${ran === 0 ? '–' : percent(suite.passed, ran) + meter}</td></tr>`
}

/** Search, status and suite. */
export function toolsHtml(result: RunResult): string {
  const { summary } = result
  const choices = (['all', 'failed', 'blocked', 'flaky', 'passed', 'skipped'] as const)
    .map((kind) => ({ kind, tests: kind === 'all' ? summary.total : summary[kind] }))
    .filter(({ kind, tests }) => kind === 'all' || tests > 0)
    .map(
      ({ kind, tests }) =>
        `<label><input type="radio" name="status" value="${kind}"${kind === 'all' ? ' checked' : ''}>${kind[0]?.toUpperCase()}${kind.slice(1)} <span class="n">${count(tests)}</span></label>`,
    )
  const options = summarizeSuites(result).map(({ name }) => {
    const text = htmlText(visible(name))
    return `<option value="${text}">${text}</option>`
  })
  return `<form class="tools" role="search" aria-label="Filter tests" autocomplete="off" id="tools"><div class="row">
<input type="search" id="search" placeholder="Search path, name, file or reason" aria-label="Search path, name, file or reason">
<select id="suite" aria-label="Suite"><option value="">All suites</option>${options.join('')}</select>
<button class="plain" type="button" id="expand">Open all</button><button class="plain" type="button" id="collapse">Close all</button>
</div><fieldset id="status"><legend class="sr">Status</legend>${choices.join('')}</fieldset>
<p class="shown" id="shown" role="status"></p></form>`
}

/** Warnings, gaps and what the service printed. */
export function noticesHtml(notices: readonly RunNotice[]): string {
  if (notices.length === 0) return ''
  const open = notices.some(({ level }) => level === 'error') ? ' open' : ''
  const items = notices.map(({ level, code, message }) => {
    const tone = { info: 'skipped', warning: 'blocked', error: 'failed' }[level]
    const text = message.split(/\r?\n/).map(visibleKeepingTabs).join('\n')
    return `<p class="meta"><b class="${tone}">${level}</b> ${htmlText(visible(code))}</p><pre>${htmlText(text)}</pre>`
  })
  return `<details class="panel"${open}><summary>Notices and service output (${count(notices.length)})</summary><div class="inside">${items.join('\n')}</div></details>`
}

const BOUND_SHOWN = 200

/** What was bound to what over the whole run, and how often each rule let a difference pass. */
export function allowedHtml(result: RunResult): string {
  const bound = new Map<string, string>()
  const rules = new Map<string, number>()
  for (const test of result.sets.flatMap((set) => set.tests)) {
    for (const { recorded, live, form, where } of test.bound) {
      const key = `${recorded}\n${live}`
      if (bound.has(key)) continue
      const cells = [code(recorded), code(live), htmlText(visible(form)), htmlText(visible(where))]
      bound.set(key, bound.size < BOUND_SHOWN ? `<tr>${cells.map((cell) => `<td>${cell}</td>`).join('')}</tr>` : '')
    }
    for (const { rule } of test.rules) rules.set(rule, (rules.get(rule) ?? 0) + 1)
  }
  const ruleRows = [...rules].map(
    ([rule, times]) => `<tr><td>${code(rule)}</td><td class="number">${count(times)}</td></tr>`,
  )
  const more =
    bound.size > BOUND_SHOWN
      ? `<p class="inside meta">and ${count(bound.size - BOUND_SHOWN)} more, shown with their tests</p>`
      : ''
  return (
    table(
      `Bound values (${count(bound.size)})`,
      ['Recorded', 'This run', 'Form', 'First at'],
      [...bound.values()],
      more,
    ) + table(`Rules that allowed differences (${count(rules.size)})`, ['Rule', 'Times'], ruleRows)
  )
}

function table(title: string, heads: readonly string[], rows: readonly string[], after = ''): string {
  if (rows.length === 0) return ''
  const head = heads.map((name) => `<th scope="col"${name === 'Times' ? ' class="number"' : ''}>${name}</th>`).join('')
  return `<details class="panel"><summary>${title}</summary><div class="scroll"><table><thead><tr>${head}</tr></thead><tbody>${rows.join('\n')}</tbody></table></div>${after}</details>`
}

function code(text: string): string {
  return `<code>${htmlText(visible(text))}</code>`
}
