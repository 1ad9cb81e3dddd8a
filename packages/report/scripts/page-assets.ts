import { readFile } from 'node:fs/promises'

/** The module that holds the page's style and script as text. */
export async function pageAssets(): Promise<string> {
  const [style = '', script = ''] = await Promise.all(['page.css', 'page.js'].map(read))
  return [
    '// Made of page/page.css and page/page.js by `pnpm embed`. Change those.',
    `export const PAGE_STYLE = ${literal(style)}`,
    `export const PAGE_SCRIPT = ${literal(script)}`,
    '',
  ].join('\n')
}

function read(name: string): Promise<string> {
  return readFile(new URL(`../page/${name}`, import.meta.url), 'utf8')
}

// One string per line, so that a change of one line is one line here too.
function literal(text: string): string {
  return `[\n${text
    .split('\n')
    .map((line) => `  ${JSON.stringify(line)},\n`)
    .join('')}].join('\\n')`
}
