import { readFile, writeFile } from 'node:fs/promises'

import { pageAssets } from './page-assets.ts'

// Writes the page's style and script into the sources, so that a report needs no file beside it.
const target = new URL('../src/html/templates/page-assets.ts', import.meta.url)
const text = await pageAssets()
if ((await readFile(target, 'utf8').catch(() => '')) !== text) await writeFile(target, text)
