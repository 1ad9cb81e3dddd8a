import type { MenuEntry, ResolvedConfig } from '@keploy-framework/config'

/** One line of a command: words of this tool itself, or a command for the shell. */
export type MenuStep = { readonly words: readonly string[] } | { readonly shell: string }

/** What can be chosen. */
export interface MenuChoice {
  readonly key: string
  readonly title: string
  /** Asked first; the answer takes the place of `ANSWER` in the words. An empty answer goes back to the menu. */
  readonly question?: string
  /** Run one after the other. */
  readonly steps: readonly MenuStep[]
  /** Go on with the next step when one fails: a report is wanted after failed tests too. */
  readonly always?: boolean
}

/** Stands in the words of a step for what was answered. */
export const ANSWER = 'ANSWER'

/** The menu of a project that names no entries of its own. `latest` is the set that is recorded again. */
export function builtInChoices(latest: string | undefined): MenuChoice[] {
  const again = latest === undefined ? [] : ['--test-set', latest, '--replace']
  return [
    { key: '1', title: 'Record new tests', steps: [{ words: ['record'] }] },
    { key: '2', title: 'Run all tests', steps: [{ words: ['test'] }] },
    { key: '3', title: 'View results', steps: [{ words: ['report'] }] },
    {
      key: '4',
      title: latest === undefined ? 'Re-record from scratch' : `Re-record ${latest} from scratch`,
      steps: [{ words: ['record', ...again] }],
    },
    {
      key: '5',
      title: 'Record another API',
      question: 'On which port does it listen? ',
      steps: [{ words: ['record', '--port', ANSWER] }],
    },
    { key: '6', title: 'Coverage report', steps: [{ words: ['coverage'] }] },
    {
      key: '7',
      title: 'Full workflow (record + test + report)',
      steps: [{ words: ['record'] }, { words: ['test', '--report'] }, { words: ['report'] }],
      always: true,
    },
    { key: '8', title: 'Set up the pre-commit hook', steps: [{ words: ['setup'] }] },
    { key: '9', title: 'Documentation', steps: [{ words: ['--help'] }] },
    { key: 'a', title: 'Run all tests of the project, unit tests too', steps: [{ words: ['run'] }] },
  ]
}

/** The entries of `keploy.yml`, or the built-in ones when it names none. `0` always leaves. */
export function menuChoices(config: Pick<ResolvedConfig, 'menu'>, latest: string | undefined): MenuChoice[] {
  const own = config.menu.entries.filter((entry) => entry.key !== '0')
  return own.length === 0 ? builtInChoices(latest) : own.map(choiceOf)
}

function choiceOf({ key, title, command }: MenuEntry): MenuChoice {
  return { key, title, steps: [{ shell: command }] }
}
