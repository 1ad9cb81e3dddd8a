import { fileOf, tester } from '../testing/rule-tester.ts'
import { valueHeader } from './value-header.ts'

const header = '/**\n * Segment: enterprise\n * Goal: conversion\n * Value: orders arrive\n * Impact: 1 M a year\n */\n'
const missing = (fields: string) => ({ errors: [{ messageId: 'missing', data: { missing: fields } }] })

tester.run('value-header', valueHeader, {
  valid: [
    { code: `${header}test('a', () => {})`, ...fileOf('e2e') },
    { code: `import a from 'a'\n${header}test('a', () => {})`, ...fileOf('integration') },
    { code: "// @segment all\n// @goal x\n// @value y\n// @impact z\ntest('a', () => {})", ...fileOf('e2e') },
    { code: "test('a', () => {})", ...fileOf('unit') },
    { code: "test('a', () => {})", options: [{ categories: ['integration'] }], ...fileOf('e2e') },
    { code: "// Owner: payments\ntest('a', () => {})", options: [{ fields: ['owner'] }], ...fileOf('e2e') },
  ],
  invalid: [
    { code: "test('a', () => {})", ...fileOf('e2e'), ...missing('Segment: Goal: Value: Impact:') },
    { code: `${header.replace('orders arrive', '')}test('a', () => {})`, ...fileOf('e2e'), ...missing('Value:') },
    { code: `test('a', () => {})\n${header}`, ...fileOf('integration'), ...missing('Segment: Goal: Value: Impact:') },
    { code: "test('a', () => {})", options: [{ fields: ['owner'] }], ...fileOf('e2e'), ...missing('Owner:') },
  ],
})
