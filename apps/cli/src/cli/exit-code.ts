/** The exit codes of every command, as documented in the README. */
export const exitCode = {
  ok: 0,
  failed: 1,
  usage: 2,
  service: 3,
  nothingToRun: 4,
  interrupted: 130,
} as const
