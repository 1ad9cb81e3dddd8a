import type { Writable } from 'node:stream'
import { setImmediate as turn } from 'node:timers/promises'

import { exitCode } from './exit-code.ts'
import type { CliIo } from './io.ts'

export interface OutputGuard {
  /** The exit code to end with: success becomes a failure when what was to be printed got lost. */
  settle(code: number): Promise<number>
}

const LOST = 'KEPLOY_OUTPUT_LOST'

/**
 * Keeps a command running when what it prints can't be taken: a reader that went away (`| head -1`) has seen enough and
 * changes nothing, and a full disk behind standard output is told once and fails the command, whose service is stopped
 * and whose reports are written all the same.
 */
export function guardOutput({ stdout, stderr }: Pick<CliIo, 'stdout' | 'stderr'>): OutputGuard {
  let lost: NodeJS.ErrnoException | undefined
  const take = (error: NodeJS.ErrnoException) => {
    if (lost !== undefined || error.code === 'EPIPE' || error.code === 'ERR_STREAM_DESTROYED') return
    lost = error
    stderr.write(
      `error: Standard output can't be written: ${error.message}. Free some space, or send the output elsewhere. [${LOST}]\n`,
    )
  }
  listen(stdout, take)
  // There is nowhere left to tell that standard error itself is lost.
  listen(stderr, () => {})
  return {
    async settle(code) {
      // A failed write is told on the turn after it.
      if (code === exitCode.ok) await turn()
      return code === exitCode.ok && lost !== undefined ? exitCode.failed : code
    },
  }
}

function listen(stream: Writable, onError: (error: NodeJS.ErrnoException) => void): void {
  if (stream.listenerCount('error') === 0) stream.on('error', onError)
}
