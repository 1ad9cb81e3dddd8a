import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import fc from 'fast-check'
import { expect, it } from 'vitest'

import { unifiedDiff } from './unified-diff.ts'

it('shows what goes and what comes, with three lines around', () => {
  const before = Array.from({ length: 20 }, (_, index) => `line ${index}\n`).join('')
  expect(unifiedDiff('a.yml', before, before.replace('line 10\n', 'other\n'))).toBe(
    '--- a.yml\n+++ a.yml (proposed)\n@@ -8,7 +8,7 @@\n line 7\n line 8\n line 9\n-line 10\n+other\n line 11\n line 12\n line 13\n',
  )
  expect(unifiedDiff('a.yml', before, before)).toBe('')
})

it('says when the last line has no end', () => {
  expect(unifiedDiff('a', 'x', 'x\n')).toContain('-x\n\\ No newline at end of file\n+x\n')
})

it('can be applied: git makes the proposed text of it', () => {
  const directory = mkdtempSync(join(tmpdir(), 'keploy-diff-'))
  const text = fc
    .array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 25 })
    .map((lines) => lines.map((line) => `${line}\n`).join(''))
  try {
    fc.assert(
      fc.property(text, text, (before, after) => {
        fc.pre(before !== after && before !== '' && after !== '')
        writeFileSync(join(directory, 'f'), before)
        const patch = unifiedDiff('f', before, after).replace('+++ f (proposed)', '+++ f')
        execFileSync('git', ['apply', '-p0', '--unidiff-zero', '-'], {
          cwd: directory,
          input: patch,
          env: { ...process.env, GIT_CEILING_DIRECTORIES: tmpdir() },
        })
        expect(readFileSync(join(directory, 'f'), 'utf8')).toBe(after)
      }),
      { numRuns: 40 },
    )
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
})
