import { execFileSync } from 'node:child_process'

/** Mounts a file system of 64 KiB for a test; says why when it can't. */
export function mountTiny(at: string): string | undefined {
  if (process.platform !== 'linux') return 'a tmpfs can be mounted on Linux only'
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', at], { stdio: 'pipe' })
    return undefined
  } catch (error) {
    return `mounting a tmpfs needs root: ${String(error)}`
  }
}

export function unmountTiny(at: string): void {
  execFileSync('umount', [at])
}
