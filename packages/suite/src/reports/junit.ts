import type { Outcome } from '../model.ts'
import { cleanMessage, cleanName } from './clean.ts'
import { readXml } from './xml.ts'

/**
 * Reads JUnit XML, as pytest and most other runners write it. A test is named by its class and name, unless the class is
 * only the module of its file.
 *
 * @param relate the file that a report names, as in `TestFile`
 * @returns nothing when it is no such report
 */
export function readJunit(text: string, relate: (file: string) => string): Outcome[] | undefined {
  const outcomes: Outcome[] = []
  const suites: (string | undefined)[] = []
  let test: { outcome: Outcome; text: string; inside: string } | undefined
  let root = ''
  try {
    for (const event of readXml(text)) {
      if (event.type === 'open') {
        if (root === '') root = event.name
        const { name, attributes } = event
        if (name === 'testsuite') suites.push(attributes.get('file') ?? suites.at(-1))
        else if (name === 'testcase') test = { outcome: begin(attributes, suites.at(-1), relate), text: '', inside: '' }
        else if (test !== undefined && (name === 'failure' || name === 'error' || name === 'skipped')) {
          const status = name === 'skipped' ? 'skipped' : 'failed'
          // An error in the teardown of a test that was skipped or passed is a failure all the same.
          const worse = test.outcome.status === 'failed' ? 'failed' : status
          const message = attributes.get('message') ?? ''
          test = { ...test, outcome: { ...test.outcome, status: worse }, text: join(test.text, message), inside: name }
        }
      } else if (event.type === 'text') {
        if (test !== undefined && test.inside !== '') test.text = join(test.text, event.text.trim())
      } else if (event.name === 'testsuite') suites.pop()
      else if (event.name === 'testcase') {
        if (test !== undefined) outcomes.push({ ...test.outcome, message: cleanMessage(test.text) })
        test = undefined
      } else if (test !== undefined && event.name === test.inside) test.inside = ''
    }
  } catch {
    return undefined
  }
  return root === 'testsuites' || root === 'testsuite' ? merge(outcomes) : undefined
}

function begin(
  attributes: ReadonlyMap<string, string>,
  suite: string | undefined,
  relate: (file: string) => string,
): Outcome {
  const file = attributes.get('file') ?? suite ?? ''
  const path = file === '' ? '' : relate(file)
  const group = (attributes.get('classname') ?? '').split('.')
  const module = path.replace(/\.\w+$/, '').split('/')
  // pytest: tests.unit.test_cart.TestCart is the class TestCart of tests/unit/test_cart.py.
  const isModule = module.every((step, index) => group[index] === step)
  const above = (isModule ? group.slice(module.length) : [group.join('.')]).filter((step) => step !== '')
  const seconds = Number(attributes.get('time') ?? '0')
  return {
    path,
    name: cleanName([...above, attributes.get('name') ?? ''].join(' > ')),
    status: 'passed',
    durationMs: Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : 0,
    message: '',
  }
}

/** pytest writes a second `testcase` for an error in the teardown: the two are one test. */
function merge(outcomes: readonly Outcome[]): Outcome[] {
  const result: Outcome[] = []
  for (const outcome of outcomes) {
    const last = result.at(-1)
    const same = last !== undefined && last.path === outcome.path && last.name === outcome.name
    if (same && last.status === 'passed' && outcome.status === 'failed') result[result.length - 1] = outcome
    else result.push(outcome)
  }
  return result
}

function join(first: string, second: string): string {
  return first === '' || second.startsWith(first) ? second : second === '' ? first : `${first}\n${second}`
}
