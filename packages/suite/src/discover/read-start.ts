import { open } from 'node:fs/promises'

import { LABEL_BYTES } from '../defaults.ts'

/** The beginning of a file as text; empty when it can't be read. */
export async function readStart(file: string): Promise<string> {
  const handle = await open(file, 'r').catch(() => undefined)
  if (handle === undefined) return ''
  try {
    const buffer = Buffer.alloc(LABEL_BYTES)
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, 0)
    return buffer.toString('utf8', 0, bytesRead)
  } catch {
    return ''
  } finally {
    await handle.close()
  }
}
