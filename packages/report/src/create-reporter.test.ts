import { chmod, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { describe, expect, it } from 'vitest'

import { createReporter, REPORTER_NAMES } from './create-reporter.ts'
import { writeError, writeFileWhole } from './files/write-file.ts'
import type { ReporterName } from './options.ts'
import { hostileTest } from './testing/hostile.ts'
import { memoryStream } from './testing/memory-stream.ts'
import { report } from './testing/run-reporter.ts'
import { eventsOf, nineTests, runResult } from './testing/sample-run.ts'
import { temporaryFolder } from './testing/temporary-folder.ts'

describe('createReporter', () => {
  it('refuses a name that it does not know, and lists those that it does', () => {
    const create = () => createReporter('tap' as ReporterName, { stdout: memoryStream(), stderr: memoryStream() })
    expect(create).toThrow('There is no reporter "tap". Choose from pretty, json, junit, html, github.')
  })

  it.each(REPORTER_NAMES)('lets no secret through: %s', async (name) => {
    await using folder = await temporaryFolder()
    const result = runResult([hostileTest('hunter2')])
    const extra = [
      { type: 'notice' as const, at: 0, level: 'error' as const, code: 'KEPLOY_X', message: 'key hunter2' },
    ]
    const { stdout, stderr, files } = await report(name, result, {
      extra,
      cwd: folder.path,
      output: 'out',
      stepSummary: 'summary.md',
      verbose: true,
      live: true,
      redact: (text) => text.replaceAll('hunter2', 'SECRET'),
    })
    const written = await Promise.all(files.map((file) => readFile(file, 'utf8')))
    const all = [stdout, stderr, ...written].join('\n')
    expect(all).toContain('SECRET')
    expect(all).not.toContain('hunter2')
  })

  it('never throws while the run goes on, and fails at its end', async () => {
    const stdout = {
      write() {
        throw new Error('the stream is closed')
      },
    }
    const reporter = createReporter('pretty', { stdout, stderr: memoryStream() })
    for (const event of eventsOf(nineTests())) reporter.onEvent(event)
    await expect(reporter.finish()).rejects.toMatchObject({
      code: 'KEPLOY_REPORT_BROKEN',
      message: expect.stringContaining('the stream is closed') as string,
    })
  })

  it('gives a failure while it finishes the same code', async () => {
    const stdout = {
      write() {
        throw new Error('no')
      },
    }
    const reporter = createReporter('json', { stdout, stderr: memoryStream() })
    await expect(reporter.finish()).rejects.toMatchObject({ code: 'KEPLOY_REPORT_BROKEN' })
  })

  it('writes files into keploy-report when no folder is named', async () => {
    await using folder = await temporaryFolder()
    const { files } = await report('junit', nineTests(), { cwd: folder.path })
    expect(files).toEqual([join(folder.path, 'keploy-report/junit.xml')])
  })
})

describe('files', () => {
  it('leave no half of themselves when there is no space', async () => {
    await using folder = await temporaryFolder()
    const target = join(folder.path, 'report.json')
    await writeFile(target, 'before')
    const parts = function* () {
      yield 'x'.repeat(100_000)
      throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' })
    }
    await expect(writeFileWhole(target, parts())).rejects.toMatchObject({ code: 'KEPLOY_REPORT_FULL' })
    expect(await readFile(target, 'utf8')).toBe('before')
    expect(await readdir(folder.path)).toEqual(['report.json'])
  })

  it('say that a device is full', async () => {
    await using folder = await temporaryFolder()
    await symlink('/dev/full', join(folder.path, 'summary.md'))
    await expect(report('github', nineTests(), { cwd: folder.path, stepSummary: 'summary.md' })).rejects.toMatchObject({
      code: 'KEPLOY_REPORT_FULL',
    })
  })

  it('say what is in the way when the folder is a file', async () => {
    await using folder = await temporaryFolder()
    await writeFile(join(folder.path, 'out'), '')
    await expect(report('html', nineTests(), { cwd: folder.path, output: 'out' })).rejects.toMatchObject({
      code: 'KEPLOY_REPORT_WRITE',
      message: expect.stringContaining('--output') as string,
    })
  })

  it.skipIf(process.getuid?.() === 0)('say that they may not be written (root may write everywhere)', async () => {
    await using folder = await temporaryFolder()
    await mkdir(join(folder.path, 'out'))
    await chmod(join(folder.path, 'out'), 0o500)
    await expect(report('html', nineTests(), { cwd: folder.path, output: 'out' })).rejects.toMatchObject({
      code: 'KEPLOY_REPORT_DENIED',
    })
  })

  it('tell missing permission from other reasons', () => {
    const error = (code: string) => writeError('/x', Object.assign(new Error(code), { code })).code
    expect(['EACCES', 'EPERM', 'EROFS', 'EDQUOT', 'EIO'].map(error)).toEqual([
      'KEPLOY_REPORT_DENIED',
      'KEPLOY_REPORT_DENIED',
      'KEPLOY_REPORT_DENIED',
      'KEPLOY_REPORT_FULL',
      'KEPLOY_REPORT_WRITE',
    ])
    expect(writeError('/x', 'odd').message).toContain('odd')
  })
})
