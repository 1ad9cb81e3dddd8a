import { RunnerError } from '../errors.ts'
import type { PlannedSet } from '../plan/plan-run.ts'
import { runScript } from '../service/run-script.ts'
import type { RunScope } from './run-scope.ts'

interface Hook {
  readonly title: string
  readonly command: string
}

/** What surrounds a set: trusted hooks of the configuration, and the set's own scripts when they are allowed. */
export interface SetHookPlan {
  readonly before: readonly Hook[]
  readonly after: readonly Hook[]
  /** The command that starts the service for this set. */
  readonly serviceCommand: string | readonly string[] | undefined
}

/** Finds the commands of a set, and says which of them are not run because a set may not decide to run anything. */
export function planHooks({ source }: PlannedSet, scope: RunScope): SetHookPlan {
  const { options } = scope
  const own = options.setHooks !== undefined && Object.hasOwn(options.setHooks, source.name)
  const hooks = { ...options.hooks, ...(own ? options.setHooks?.[source.name] : undefined) }
  const { pre = '', post = '', appCommand = '' } = source.scripts
  const before = listed('beforeSet', hooks.beforeSet)
  const after = listed('afterSet', hooks.afterSet)
  const serviceCommand = options.service?.command
  const named = [pre === '' ? '' : 'preScript', post === '' ? '' : 'postScript', appCommand === '' ? '' : 'appCommand']
  const present = named.filter((name) => name !== '')
  if (options.allowScripts !== true) {
    if (present.length > 0) {
      scope.notice(
        'warning',
        'KEPLOY_SCRIPTS_NOT_RUN',
        `The set ${source.name} names commands that were not run (${present.join(', ')}). Read them, then allow them with --allow-scripts.`,
      )
    }
    return { before, after, serviceCommand }
  }
  return {
    before: [...before, ...listed('preScript', pre)],
    after: [...listed('postScript', post), ...after],
    serviceCommand: appCommand === '' || serviceCommand === undefined ? serviceCommand : appCommand,
  }
}

/** Runs hooks in order. The first that fails is told, and ends the row; its message comes back. */
export async function runHooks(hooks: readonly Hook[], scope: RunScope): Promise<string | undefined> {
  for (const { title, command } of hooks) {
    try {
      const { cwd, redactor } = scope.options
      await runScript(command, { title, redactor, ...(cwd === undefined ? {} : { cwd }) })
    } catch (error) {
      if (!(error instanceof RunnerError)) throw error
      scope.notice('error', error.code, scope.options.redactor.text(error.message, title))
      return error.message.split('\n', 1)[0] ?? error.message
    }
  }
  return undefined
}

function listed(title: string, command: string | undefined): Hook[] {
  return command === undefined || command.trim() === '' ? [] : [{ title, command }]
}
