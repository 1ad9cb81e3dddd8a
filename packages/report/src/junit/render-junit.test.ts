import { readFile } from 'node:fs/promises'

import type { RunResult } from '@keploy-framework/format'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { validateXML } from 'xmllint-wasm'

import { hostileRun, hostileTest } from '../testing/hostile.ts'
import { nineTests, runResult, testResult } from '../testing/sample-run.ts'
import { renderJunit } from './render-junit.ts'

const schema = await readFile(new URL('fixtures/junit.xsd', import.meta.url), 'utf8')

async function problems(result: RunResult, options?: Parameters<typeof renderJunit>[1]): Promise<string[]> {
  const xml = [{ fileName: 'junit.xml', contents: renderJunit(result, options) }]
  const { errors } = await validateXML({ xml, schema: [schema] })
  return errors.map(({ message }) => message)
}

describe('the JUnit document', () => {
  it('conforms to the schema for runs of every kind', async () => {
    expect(await problems(nineTests())).toEqual([])
    expect(await problems(nineTests({ broken: true }))).toEqual([])
    expect(await problems(runResult([]))).toEqual([])
    const rest = runResult([
      testResult({ status: 'blocked' }),
      testResult({ status: 'skipped', tags: ['slow'] }),
      testResult({ status: 'flaky', attempts: 3 }),
    ])
    expect(await problems(rest, { notices: [{ level: 'error', code: 'KEPLOY_X', message: 'a\nb' }] })).toEqual([])
  })

  it('is refused by the schema when an outcome lacks its type, so the check above means something', async () => {
    const broken = renderJunit(nineTests({ broken: true })).replace(' type="status"', '')
    const { valid } = await validateXML({ xml: [{ fileName: 'junit.xml', contents: broken }], schema: [schema] })
    expect(valid).toBe(false)
  })

  it('stays well-formed and within the schema whatever stands in the recordings', async () => {
    expect(await problems(hostileRun())).toEqual([])
    const texts = fc.sample(fc.string({ unit: 'binary', maxLength: 80 }), 300)
    expect(await problems(runResult(texts.map(hostileTest)))).toEqual([])
  })

  it('tells a wrong answer from a test that could not be carried out', () => {
    const message = 'The service refused the connection.'
    const refused = testResult({ status: 'failed', failures: [{ kind: 'refused', path: '', message }] })
    const xml = renderJunit(runResult([...nineTests({ broken: true }).sets.flatMap(({ tests }) => tests), refused]))
    expect(xml).toContain(
      '<testsuites name="keploy-framework" tests="10" failures="1" errors="1" skipped="0" time="0.059">',
    )
    expect(xml).toContain(`<error message="${message}" type="refused">${message}</error>`)
    expect(xml).toContain(
      'status: The recorded answer has status 204, the service answered 404.\nexpected: 204\ngot: 404'.replaceAll(
        '\n',
        '&#10;',
      ),
    )
  })

  it('names set, suite, file, time, bound values and rules', () => {
    const xml = renderJunit(nineTests())
    expect(xml).toContain('<testsuite name="test-set-0: Session Management" tests="5"')
    expect(xml).toContain(
      '<testcase name="POST /api/v1/sessions (post-sessions-1)" classname="test-set-0.Session Management" time="0.018" file="test-set-0/tests/post-sessions-1.yaml">',
    )
    expect(xml).toContain('<property name="allowed" value="body.created_at by form: iso-date"/>')
    expect(xml).toMatch(/<property name="bound" value="0d4f[^"]* → 91c2[^"]* \(uuid, post-sessions-1 body\.id\)"\/>/)
  })
})
