import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'

import { listTestSets, openTestSet } from '@keploy-framework/format'
import { detectForm } from '@keploy-framework/match'
import { parse } from 'yaml'

import { CliError } from '../../cli/cli-error.ts'
import { defineCommand } from '../../cli/command.ts'
import { exitCode } from '../../cli/exit-code.ts'
import { issueLine } from '../../cli/print-error.ts'
import { readConfig } from '../../cli/read-config.ts'
import { sharedOptions } from '../shared-options.ts'
import { chooseService, setsOf } from '../test/prepare-run.ts'
import { assignCalls, endpointsOfCalls, endpointsOfOpenApi } from './endpoints.ts'
import type { CalledRoute } from './endpoints.ts'
import { coverageJson, renderTree } from './render-tree.ts'
import type { CoverageReport } from './render-tree.ts'

const USUAL_FILES = ['openapi.json', 'openapi.yaml', 'openapi.yml', 'docs/openapi.json', 'docs/openapi.yaml']

export const coverageCommand = defineCommand({
  usage: '[OPTIONS]',
  description:
    'Shows the API as a tree, each endpoint marked as tested or not. Endpoints come from an OpenAPI document where there is one, else from the recordings.',
  options: {
    openapi: {
      type: 'string',
      value: 'FILE|URL',
      description: 'The OpenAPI document. Default: openapi.json or .yaml here.',
    },
    service: sharedOptions.service,
    dir: sharedOptions.dir,
    min: { type: 'ratio', value: 'RATE', description: 'Fail when a smaller share of the endpoints is tested.' },
  },
  examples: ['keploy-framework coverage --openapi http://127.0.0.1:8000/openapi.json'],
  async run({ io, options }) {
    const config = await readConfig(io, { file: options.config })
    const directory = options.dir
      ? resolve(io.cwd, options.dir)
      : setsOf(config, chooseService(config, options.service))
    const { calls, problems } = await readCalls(directory)
    for (const problem of problems) io.stderr.write(`${problem}\n`)
    const place = options.openapi ?? USUAL_FILES.find((file) => existsSync(resolve(io.cwd, file)))
    if (calls.length === 0 && place === undefined) {
      throw new CliError(
        'KEPLOY_NOTHING_TO_RUN',
        `There are no tests in ${options.dir ?? 'keploy'} and no OpenAPI document.`,
        {
          exitCode: exitCode.nothingToRun,
          hint: 'Record some tests, or name the document with --openapi.',
        },
      )
    }
    const report = place === undefined ? fromCalls(calls) : fromOpenApi(await readOpenApi(place, io.cwd), place, calls)
    io.stdout.write(options.json ? `${JSON.stringify(coverageJson(report), null, 2)}\n` : renderTree(report))
    return tooLittle(report, options.min) ? exitCode.failed : exitCode.ok
  },
})

async function readCalls(directory: string): Promise<{ calls: CalledRoute[]; problems: string[] }> {
  const calls: CalledRoute[] = []
  const problems: string[] = []
  for (const location of existsSync(directory) ? await listTestSets(directory) : []) {
    const reader = await openTestSet(location.directory, { name: location.name })
    for (const index of reader.index.keys()) {
      const { test, issues } = await reader.read(index)
      problems.push(...issues.filter((issue) => issue.severity === 'error').map((issue) => issueLine(issue)))
      if (test?.kind !== 'Http') continue
      calls.push({ test: `${reader.name}/${test.name}`, method: test.request.method, path: pathOf(test.request.url) })
    }
  }
  return { calls, problems }
}

function pathOf(url: string): string {
  try {
    return new URL(url, 'http://localhost').pathname
  } catch {
    return url
  }
}

function fromCalls(calls: readonly CalledRoute[]): CoverageReport {
  const isVariable = (segment: string) => /^\d+$/.test(segment) || detectForm(segment) !== undefined
  const endpoints = endpointsOfCalls(calls, isVariable)
  assignCalls(endpoints, calls)
  return { source: 'the recordings: what was never called is not known', endpoints, undescribed: [] }
}

function fromOpenApi(document: unknown, source: string, calls: readonly CalledRoute[]): CoverageReport {
  const endpoints = endpointsOfOpenApi(document)
  if (endpoints.length === 0) {
    throw new CliError('KEPLOY_OPENAPI_UNREADABLE', `${source} describes no operation.`, {
      hint: 'It must be an OpenAPI 3 document with "paths".',
    })
  }
  return { source, endpoints, undescribed: assignCalls(endpoints, calls) }
}

async function readOpenApi(place: string, cwd: string): Promise<unknown> {
  try {
    const text = /^https?:/.test(place) ? await download(place) : await readFile(resolve(cwd, place), 'utf8')
    return place.endsWith('.json') || text.trimStart().startsWith('{') ? JSON.parse(text) : parse(text)
  } catch (error) {
    // `fetch failed` says nothing; its cause does.
    const source = error instanceof TypeError && error.cause instanceof Error ? error.cause : error
    const reason = source instanceof Error ? source.message : String(source)
    throw new CliError(
      'KEPLOY_OPENAPI_UNREADABLE',
      `The OpenAPI document ${place} can't be read: ${reason.replace(/\.$/, '')}.`,
      {
        cause: error,
        hint: 'Name a JSON or YAML file, or the address of one, with --openapi.',
      },
    )
  }
}

async function download(url: string): Promise<string> {
  const response = await fetch(url, { signal: AbortSignal.timeout(10_000) })
  if (!response.ok) throw new Error(`the server answered ${response.status}`)
  return await response.text()
}

function tooLittle({ endpoints }: CoverageReport, min: number | undefined): boolean {
  const tested = endpoints.filter(({ tests }) => tests.length > 0).length
  return min !== undefined && tested / endpoints.length < min
}
