import { createRedactor, type Redactor } from '@keploy-framework/redact'
import { executePlan, loadPlan } from '@keploy-framework/runner'

/** Replays a folder of sets and tells its parent how long the tests took, and how much memory it needed. */
const [url = '', directory = '', lanes = '1'] = process.argv.slice(2)
const redactor: Redactor = createRedactor()
const { plan } = await loadPlan(directory)
// In each set the clock starts when the first test has its verdict: reading the set, which a client that is sent one
// request again and again has no part of, is done then.
let ms = 0
let counted = 0
let began = 0
let ended = 0
const result = await executePlan(
  plan,
  { url, redactor, workers: Number(lanes), independent: lanes !== '1' },
  (event) => {
    if (event.type === 'test-finished') {
      ended = performance.now()
      if (began === 0) began = ended
      else counted += 1
    } else if (event.type === 'set-finished') {
      ms += ended - began
      began = 0
    }
  },
)
const figures = {
  ms,
  counted,
  /** From the start of the process to the last verdict: all that a person waits for. */
  wholeMs: ended,
  passed: result.summary.passed,
  total: result.summary.total,
  peakMb: process.resourceUsage().maxRSS / 1024,
}
if (process.send === undefined) console.log(figures)
else process.send(figures, () => process.disconnect())
