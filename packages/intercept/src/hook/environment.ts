import { createRequire } from 'node:module'

/** Major versions of Node whose internals the driver matrix has shown to fit. */
export const COVERED_NODE_MAJORS: readonly number[] = [20, 22, 24, 26]

/** Whether a version as `process.version` gives it is one that the driver matrix covers. */
export function isCoveredNode(version: string): boolean {
  return COVERED_NODE_MAJORS.includes(Number(/^v?(\d+)\./.exec(version)?.[1]))
}

/** The file that a hooked process loads first. */
export function preloadPath(): string {
  return createRequire(import.meta.url).resolve('@keploy-framework/intercept/hook')
}

/**
 * `NODE_OPTIONS` that load a file first, before those which the service has already. Node splits them at spaces and takes
 * what stands in double quotes as one, with backslashes escaped.
 *
 * @example
 * withPreload('/opt/hook/preload.cjs', '--max-old-space-size=512')
 */
export function withPreload(file: string, existing: string | undefined): string {
  const quoted = `--require "${file.replaceAll('\\', '\\\\').replaceAll('"', String.raw`\"`)}"`
  return existing === undefined || existing.trim() === '' ? quoted : `${quoted} ${existing}`
}
