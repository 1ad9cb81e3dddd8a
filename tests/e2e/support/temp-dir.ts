import { mkdtemp, rm, writeFile, mkdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

export interface TempDir extends AsyncDisposable {
  readonly path: string
}

/** An empty folder with these files in it, removed at the end of the test. */
export async function tempDir(files: Record<string, string> = {}): Promise<TempDir> {
  const path = await mkdtemp(join(tmpdir(), 'keploy-e2e-'))
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(path, name)), { recursive: true })
    await writeFile(join(path, name), content)
  }
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) }
}
