import { spawn } from 'node:child_process'
import { createWriteStream } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { finished } from 'node:stream/promises'
import { parseArgs } from 'node:util'

import { readText, repositoryFiles, root } from './repository.ts'

/** A check that gets better the longer it runs: rounds of one command, until its share of the time is used. */
interface Soak {
  name: string
  /** What one round is, for people. */
  round: string
  command: string[]
  env?: Record<string, string>
  /** Part of the whole time, 0 to 1. */
  share: number
  /** Rounds at most. Default: as many as the time allows. */
  rounds?: number
}

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '60' },
    // A folder for the output of each soak.
    output: { type: 'string', default: 'nightly' },
  },
})
const minutes = Number(values.minutes)
if (!(minutes > 0)) {
  console.error(`--minutes takes a number above 0, not ${values.minutes}.`)
  process.exit(2)
}

const tests = await Promise.all(
  (await repositoryFiles())
    .filter((file) => file.endsWith('.test.ts'))
    .map(async (file) => ({ file, text: await readText(file) })),
)

/** The command for all tests whose source contains `text`. Without a file, Vitest would run everything. */
function testsThatUse(text: string): string[] {
  const files = tests.filter((test) => test.text.includes(text)).map(({ file }) => file)
  if (files.length === 0) throw new Error(`No test contains ${text}: this soak would check nothing.`)
  return ['vitest', 'run', ...files]
}

const soaks: Soak[] = [
  {
    name: 'kills',
    round: '50 kills of a recorder at random moments',
    command: testsThatUse('KEPLOY_KILLS'),
    env: { KEPLOY_KILLS: '50' },
    share: 0.4,
    rounds: 20,
  },
  {
    name: 'properties',
    round: 'all property tests with new seeds',
    command: testsThatUse(`from 'fast-check'`),
    share: 0.2,
  },
  {
    name: 'bytes',
    round: '100,000 mutated HTTP conversations',
    command: ['node', '--conditions=@keploy-framework/source', 'scripts/fuzz.ts', '100000'],
    share: 0.1,
  },
  {
    name: 'large',
    round: 'bodies of 1 GiB both ways through the tap',
    command: testsThatUse('KEPLOY_TAP_MIB'),
    env: { KEPLOY_TAP_MIB: '1024' },
    share: 0.05,
    rounds: 1,
  },
  {
    name: 'flakes',
    round: 'the whole test suite in another order',
    command: ['vitest', 'run', '--sequence.shuffle.tests', '--sequence.shuffle.files'],
    share: 0.15,
  },
  { name: 'bench', round: 'all benchmarks', command: ['node', 'bench/main.ts'], share: 0.1, rounds: 1 },
]

const directory = resolve(root, values.output)
await mkdir(directory, { recursive: true })
for (const soak of soaks) {
  const started = performance.now()
  const elapsed = () => (performance.now() - started) / 60_000
  let rounds = 0
  let failures = 0
  do {
    rounds += 1
    if (!(await runRound(soak, rounds))) failures += 1
  } while (rounds < (soak.rounds ?? Infinity) && (elapsed() / rounds) * (rounds + 1) <= minutes * soak.share)
  const verdict = failures === 0 ? 'passed' : 'FAILED'
  const failed = failures === 0 ? '' : `, ${failures} failed`
  console.log(`${verdict}  ${soak.name}: ${rounds} × ${soak.round}${failed} (${elapsed().toFixed(1)} min)`)
  if (failures > 0) process.exitCode = 1
}

/** Runs a round, keeps its output in a file, and tells whether it passed. */
async function runRound({ name, command, env }: Soak, round: number): Promise<boolean> {
  const log = createWriteStream(join(directory, `${name}-${round}.log`))
  const [program = '', ...args] = command
  const child = spawn(program, args, {
    cwd: root,
    env: { ...process.env, ...env, NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  child.stdout.pipe(log, { end: false })
  child.stderr.pipe(log, { end: false })
  const code = await new Promise((done) => {
    child.once('error', (error) => log.write(error.message, () => done(1)))
    child.once('close', done)
  })
  log.end()
  await finished(log)
  return code === 0
}
