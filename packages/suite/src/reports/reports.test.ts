import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { readJestJson } from './jest-json.ts'
import { readJunit } from './junit.ts'
import { readNodeEvents } from './node-events.ts'

const relate = (file: string): string => file.replace(/^\/shop\//, '')

describe('JSON of Vitest and Jest', () => {
  it('has tests, names without colours on one line, and files that could not be loaded', () => {
    const report = {
      testResults: [
        {
          name: '/shop/a.test.ts',
          status: 'failed',
          assertionResults: [
            {
              ancestorTitles: ['', 'group'],
              title: 'is \u001B[31mred\u001B[0m\n',
              status: 'failed',
              duration: 2.5,
              failureMessages: ['\u001B[31mno\u001B[0m'],
            },
            { ancestorTitles: [], title: 'later', status: 'todo' },
            { ancestorTitles: [], title: 'odd', status: 'exploded' },
          ],
        },
        { name: '/shop/b.test.ts', status: 'failed', message: 'no such module', assertionResults: [] },
      ],
    }
    expect(readJestJson(JSON.stringify(report), relate)).toEqual([
      { path: 'a.test.ts', name: 'group > is red', status: 'failed', durationMs: 2.5, message: 'no' },
      { path: 'a.test.ts', name: 'later', status: 'skipped', durationMs: 0, message: '' },
      { path: 'a.test.ts', name: 'odd', status: 'failed', durationMs: 0, message: '' },
      { path: 'b.test.ts', name: '(file)', status: 'failed', durationMs: 0, message: 'no such module' },
    ])
  })

  it.each(['', '{', 'null', '[]', '{"testResults":1}'])('is none: %j', (text) => {
    expect(readJestJson(text, relate)).toBeUndefined()
  })

  it('survives any JSON', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const report = JSON.stringify({ testResults: [value, { assertionResults: [value] }] })
        expect(readJestJson(report, relate)).toBeInstanceOf(Array)
      }),
    )
  })
})

describe('JUnit XML', () => {
  it('has tests of pytest with their classes, and errors of teardowns', () => {
    const xml = `<?xml version="1.0"?><!-- x --><testsuites><testsuite name="pytest">
      <testcase classname="unit.test_a.TestCart" name="test_ok[a&gt;b]" file="unit/test_a.py" time="0.5" />
      <testcase classname="unit.test_a" name="test_bad" file="unit/test_a.py" time="x"><failure message="assert 1 == 2">assert 1 == 2
        more</failure><system-out>noise</system-out></testcase>
      <testcase classname="unit.test_a" name="test_skip" file="unit/test_a.py"><skipped message="later"/></testcase>
      <testcase classname="unit.test_a" name="test_down" file="unit/test_a.py"/>
      <testcase classname="unit.test_a" name="test_down" file="unit/test_a.py"><error message="boom"><![CDATA[<boom>]]></error></testcase>
    </testsuite></testsuites>`
    expect(readJunit(xml, relate)).toEqual([
      { path: 'unit/test_a.py', name: 'TestCart > test_ok[a>b]', status: 'passed', durationMs: 500, message: '' },
      {
        path: 'unit/test_a.py',
        name: 'test_bad',
        status: 'failed',
        durationMs: 0,
        message: 'assert 1 == 2\n        more',
      },
      { path: 'unit/test_a.py', name: 'test_skip', status: 'skipped', durationMs: 0, message: 'later' },
      { path: 'unit/test_a.py', name: 'test_down', status: 'failed', durationMs: 0, message: 'boom\n<boom>' },
    ])
  })

  it('takes the file of the suite, and none where nothing names one', () => {
    const xml = '<testsuite file="/shop/a.rb"><testcase classname="A.b" name="c"/></testsuite>'
    expect(readJunit(xml, relate)).toMatchObject([{ path: 'a.rb', name: 'A.b > c' }])
    expect(readJunit('<testsuite><testcase name="c"/></testsuite>', relate)).toMatchObject([{ path: '', name: 'c' }])
  })

  it.each([
    '',
    'not xml',
    '<html></html>',
    '<testsuite><testcase name="a"/>',
    '<testsuite></testsuites>',
    '<testsuite><testcase name="a',
    '<testsuite><![CDATA[x</testsuite>',
  ])('is none: %s', (text) => {
    expect(readJunit(text, relate)).toBeUndefined()
  })

  it('expands no entities of its own', () => {
    const xml = '<!DOCTYPE x [<!ENTITY a "b">]><testsuite><testcase name="&a;&#65;&#x42;"/></testsuite>'
    expect(readJunit(xml, relate)?.[0]?.name).not.toContain('b&')
  })

  it('never throws, whatever stands in it', () => {
    const pieces = [
      '<testsuite>',
      '</testsuite>',
      '<testcase name="',
      '">',
      '/>',
      '<failure>',
      '&#99999999;',
      '<![CDATA[',
      ']]>',
      '<!--',
      "'",
      'x',
    ]
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...pieces)), (parts) => {
        expect(() => readJunit(parts.join(''), relate)).not.toThrow()
      }),
    )
  })
})

describe('events of node --test', () => {
  const line = (event: object): string =>
    `${JSON.stringify({ file: '/shop/a.test.mjs', passed: true, ms: 1, ...event })}\n`

  it('leaves out suites, and parents that fail with their tests', () => {
    const text =
      line({ names: ['group', 'works'] }) +
      line({ names: ['group'], suite: true }) +
      line({ names: ['outer', 'inner'], passed: false, failure: 'testCodeFailure', message: 'no' }) +
      line({ names: ['outer'], passed: false, failure: 'subtestsFailed' }) +
      line({ names: ['skipped'], skip: 'why' }) +
      line({ names: ['/shop/a.test.mjs'], passed: false, failure: 'testCodeFailure', message: 'exit 1' }) +
      '{"names":["cut o'
    expect(readNodeEvents(text, relate).map(({ name, status, message }) => [name, status, message])).toEqual([
      ['group > works', 'passed', ''],
      ['outer > inner', 'failed', 'no'],
      ['skipped', 'skipped', 'why'],
      ['(file)', 'failed', 'exit 1'],
    ])
  })
})
