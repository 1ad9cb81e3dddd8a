import { spawn } from 'node:child_process'
import { writeFile } from 'node:fs/promises'

import { root } from './repository.ts'

/** A command that passes by ending with 0. */
export interface Step {
  name: string
  command: [string, ...string[]]
  env?: Record<string, string>
  /** Shows the output while it runs; otherwise it is shown only if the step fails. Default false. */
  live?: boolean
}

export interface StepResult {
  name: string
  passed: boolean
  milliseconds: number
}

/** Runs steps one after the other, all of them whatever fails, and prints a verdict for each. */
export async function runSteps(steps: readonly Step[]): Promise<StepResult[]> {
  const results: StepResult[] = []
  for (const step of steps) {
    const started = performance.now()
    const { code, output } = await runCommand(step)
    const result = { name: step.name, passed: code === 0, milliseconds: performance.now() - started }
    results.push(result)
    if (!result.passed && !step.live) console.log(`\n${step.command.join(' ')}\n${output}`)
    console.log(describe(result))
  }
  return results
}

/** Prints all verdicts as a table, and sets the exit code. */
export async function conclude(results: readonly StepResult[], summaryFile?: string): Promise<void> {
  const failed = results.filter(({ passed }) => !passed)
  console.log(`\n${results.map(describe).join('\n')}\n`)
  console.log(failed.length === 0 ? 'All checks passed.' : `Failed: ${failed.map(({ name }) => name).join(', ')}.`)
  if (summaryFile) {
    await writeFile(
      summaryFile,
      JSON.stringify({
        passed: results.length - failed.length,
        failed: failed.length,
        failures: failed.map(({ name }) => name),
      }),
    )
  }
  if (failed.length > 0) process.exitCode = 1
}

function describe({ name, passed, milliseconds }: StepResult): string {
  return `${passed ? 'passed' : 'FAILED'}  ${name.padEnd(24)} ${(milliseconds / 1000).toFixed(1).padStart(6)} s`
}

function runCommand({ command, env, live = false }: Step): Promise<{ code: number | null; output: string }> {
  const [program, ...args] = command
  const child = spawn(program, args, {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ['ignore', live ? 'inherit' : 'pipe', live ? 'inherit' : 'pipe'],
  })
  let output = ''
  child.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()))
  child.stderr?.on('data', (chunk: Buffer) => (output += chunk.toString()))
  return new Promise((resolve) => {
    child.once('error', (error) => resolve({ code: 1, output: error.message }))
    child.once('close', (code) => resolve({ code, output }))
  })
}
