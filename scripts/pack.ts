import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'

import { publicPackages, root } from './repository.ts'

/** A package as it would be published. */
export interface PackedPackage {
  /** As on the registry. */
  name: string
  tarball: string
}

/** Packs every public package into `directory`, as `pnpm publish` would. The packages must have been built. */
export async function packPackages(directory: string): Promise<PackedPackage[]> {
  const packed: PackedPackage[] = []
  for (const { manifest, directory: source } of await publicPackages()) {
    const { stdout } = await promisify(execFile)('pnpm', ['pack', '--json', '--pack-destination', directory], {
      cwd: join(root, source),
    })
    const { filename } = JSON.parse(stdout) as { filename: string }
    packed.push({ name: manifest.name, tarball: filename })
  }
  return packed
}
