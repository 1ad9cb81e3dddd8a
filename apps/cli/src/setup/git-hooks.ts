import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'

import { exists } from './planned-file.ts'

const run = promisify(execFile)

export const HOOKS_FOLDER = '.githooks'

/**
 * What is to be done so that Git runs the hooks in `.githooks`:
 * `connect` sets `core.hooksPath`; `connected` nothing; `manual` names other hooks that this would switch off.
 */
export type HookState =
  | { readonly kind: 'connected' | 'connect' | 'no-git' }
  | { readonly kind: 'manual'; readonly reason: string }

export async function hookState(directory: string): Promise<HookState> {
  const folder = await git(directory, ['rev-parse', '--show-toplevel'])
  if (folder === undefined) return { kind: 'no-git' }
  const inside = await git(directory, ['rev-parse', '--show-prefix'])
  if (inside !== undefined && inside !== '') {
    return {
      kind: 'manual',
      reason: `the repository begins at ${folder}, and Git and GitHub look for hooks and workflows there`,
    }
  }
  const path = await git(directory, ['config', '--local', 'core.hooksPath'])
  if (path === HOOKS_FOLDER) return { kind: 'connected' }
  if (path !== undefined && path !== '') return { kind: 'manual', reason: `Git runs the hooks in ${path}` }
  const own = await git(directory, ['rev-parse', '--git-path', 'hooks/pre-commit'])
  if (own !== undefined && (await exists(join(directory, own))))
    return { kind: 'manual', reason: `there is a hook in ${own}` }
  return { kind: 'connect' }
}

export async function connectHooks(directory: string): Promise<void> {
  await run('git', ['config', '--local', 'core.hooksPath', HOOKS_FOLDER], { cwd: directory })
}

async function git(directory: string, args: readonly string[]): Promise<string | undefined> {
  try {
    return (await run('git', [...args], { cwd: directory })).stdout.trim()
  } catch {
    return undefined
  }
}
