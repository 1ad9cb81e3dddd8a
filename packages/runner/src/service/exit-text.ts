import type { ServiceExit } from './service.ts'

/** `exit code 1`, `signal SIGSEGV`. */
export function exitText(exit: ServiceExit): string {
  return exit.signal === null ? `exit code ${exit.code ?? 'unknown'}` : `signal ${exit.signal}`
}
