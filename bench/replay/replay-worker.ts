import { createRedactor, type Redactor } from '@keploy-framework/redact'
import { executePlan, loadPlan } from '@keploy-framework/runner'

/** Replays a folder of sets and tells its parent how long the tests took, and how much memory it needed. */
const [url = '', directory = '', lanes = '1'] = process.argv.slice(2)
const redactor: Redactor = createRedactor()
const { plan } = await loadPlan(directory)
// The clock starts when the first test has its verdict: reading the set, which the bare loop has no part of, is done then.
let began = 0
let ended = 0
const result = await executePlan(
  plan,
  { url, redactor, workers: Number(lanes), independent: lanes !== '1' },
  (event) => {
    if (event.type !== 'test-finished') return
    ended = performance.now()
    began ||= ended
  },
)
const figures = {
  ms: ended - began,
  passed: result.summary.passed,
  total: result.summary.total,
  peakMb: process.resourceUsage().maxRSS / 1024,
}
if (process.send === undefined) console.log(figures)
else process.send(figures, () => process.disconnect())
