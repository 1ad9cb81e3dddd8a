import { spawnSync } from 'node:child_process'

/**
 * Sends a signal to a process and everything it started. On Windows, which has no process groups, the tree is ended
 * at once whatever the signal.
 *
 * @returns whether there was anybody to send it to
 */
export function signalGroup(pid: number, signal: NodeJS.Signals): boolean {
  if (process.platform === 'win32') {
    return spawnSync('taskkill', ['/pid', String(pid), '/T', '/F'], { stdio: 'ignore' }).status === 0
  }
  return send(pid, signal)
}

/** Whether any process of the group is left. */
export function groupAlive(pid: number): boolean {
  return process.platform !== 'win32' && send(pid, 0)
}

function send(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(-pid, signal)
    return true
  } catch (error) {
    // EPERM: somebody is there, but belongs to another user.
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
