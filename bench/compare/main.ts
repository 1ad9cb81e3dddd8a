import jsonPatch from 'fast-json-patch'
import { create } from 'jsondiffpatch'
import microdiff from 'microdiff'

import type { TestCase } from '../../packages/format/src/index.ts'
import { BindingTable, createNoise, planBindings } from '../../packages/match/src/index.ts'
import { compareResponse, compareValues } from '../../packages/validator/src/index.ts'
import type { Row } from '../row.ts'
import { changeFive, insertOne, makeCatalogue } from './documents.ts'
import type { Catalogue } from './documents.ts'

const ROUNDS = 15
const SIZE = 1_000_000
/** Runs of one contender in a row, so that each is measured with its own data in the processor's caches. */
const IN_A_ROW = 5

/** Median milliseconds of each contender; rounds alternate, so that a slow moment of the machine hits all alike. */
function medians<T extends string>(contenders: Record<T, () => unknown>): Record<T, number> {
  const names = Object.keys(contenders) as T[]
  const times = new Map<T, number[]>(names.map((name) => [name, []]))
  for (let round = -5; round < ROUNDS; round++) {
    for (const name of names) {
      for (let turn = 0; turn < IN_A_ROW; turn++) {
        const started = performance.now()
        contenders[name]()
        const took = performance.now() - started
        if (round >= 0) times.get(name)?.push(took)
      }
    }
  }
  const result = {} as Record<T, number>
  for (const name of names)
    result[name] = (times.get(name) as number[]).sort((a, b) => a - b)[(ROUNDS * IN_A_ROW) >> 1] as number
  return result
}

function ms(value: number): string {
  return `${value.toFixed(value < 0.1 ? 4 : 2)} ms`
}

function testOf(text: string): TestCase {
  const headers = [['Content-Type', 'application/json']] as const
  return {
    name: 'get-items-1',
    kind: 'Http',
    file: 'tests/get-items-1.yaml',
    request: {
      method: 'GET',
      url: 'http://localhost/items',
      protoMajor: 1,
      protoMinor: 1,
      headers: [],
      body: { type: 'empty' },
      timestamp: 0,
    },
    response: { status: 200, statusMessage: 'OK', headers, body: { type: 'text', text }, timestamp: 0 },
    assertions: { noise: new Map() },
    annotations: { tags: [], skip: false, only: false },
    created: 0,
  }
}

function equalBytes(text: string): Row[] {
  const test = testOf(text)
  const bytes = Buffer.from(text)
  const actual = { status: 200, statusMessage: 'OK', headers: test.response.headers, body: bytes }
  const context = {
    noise: createNoise(),
    bindings: new BindingTable(planBindings([])),
    hosts: { recorded: [], live: '' },
    options: {},
  }
  const times = medians({
    ours: () => compareResponse(test, actual, context),
    parse: () => [JSON.parse(bytes.toString('utf8')), JSON.parse(text)],
    parseOne: () => JSON.parse(text) as unknown,
  })
  return [
    {
      area: 'compare',
      what: '1 MB JSON, equal bytes: the whole response, with status and headers',
      ours: ms(times.ours),
      peer: `JSON.parse of both: ${ms(times.parse)} (of one: ${ms(times.parseOne)})`,
      ratio: times.parse / times.ours,
      bar: '>= 100',
      met: times.parse / times.ours >= 100,
    },
  ]
}

function different(what: string, before: Catalogue, after: Catalogue, expected: number): Row[] {
  const found = compareValues(before as never, after as never).length
  if (found !== expected) throw new Error(`${what}: expected ${expected} differences, got ${found}.`)
  const differ = create({ objectHash: (item) => (item as { id: string }).id })
  const times = medians({
    ours: () => compareValues(before as never, after as never),
    patch: () => jsonPatch.compare(before, after),
    micro: () => microdiff(before, after, { cyclesFix: false }),
    jdp: () => differ.diff(before, after),
  })
  const micro = microdiff(before, after, { cyclesFix: false }).length
  return [
    {
      area: 'compare',
      what: `1 MB JSON, parsed, ${what}: fast-json-patch reports ${jsonPatch.compare(before, after).length}, ours ${found}`,
      ours: ms(times.ours),
      peer: `fast-json-patch: ${ms(times.patch)}`,
      ratio: times.patch / times.ours,
      bar: '>= 1',
      met: times.ours <= times.patch,
    },
    {
      area: 'compare',
      what: `the same: microdiff reports ${micro}`,
      ours: ms(times.ours),
      peer: `microdiff: ${ms(times.micro)}`,
      ratio: times.micro / times.ours,
    },
    {
      area: 'compare',
      what: 'the same, aligned by a key that it is told',
      ours: ms(times.ours),
      peer: `jsondiffpatch: ${ms(times.jdp)}`,
      ratio: times.jdp / times.ours,
    },
  ]
}

/** Comparison of 1 MB documents beside JSON.parse and three differs. */
export function run(): Promise<Row[]> {
  // Parsed, as both sides of a comparison are.
  const copy = (value: Catalogue): Catalogue => JSON.parse(JSON.stringify(value)) as Catalogue
  const catalogue = copy(makeCatalogue(SIZE))
  return Promise.resolve([
    ...equalBytes(JSON.stringify(catalogue)),
    ...different('five fields changed', catalogue, copy(changeFive(catalogue)), 5),
    ...different('one element put in', catalogue, copy(insertOne(catalogue)), 1),
  ])
}

if (import.meta.main) {
  for (const row of await run())
    console.log(
      `${row.what}\n  ${row.ours} beside ${row.peer}: ${row.ratio?.toFixed(2) ?? ''} ${row.met === false ? 'MISSED' : ''}`,
    )
}
