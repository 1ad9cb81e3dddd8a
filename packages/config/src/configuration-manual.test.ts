import { expect, it } from 'vitest'

import { environmentName } from './environment.ts'
import { configJsonSchema, type SchemaNode } from './json-schema.ts'

const HEAD = `# Configuration

Everything is optional: without a \`keploy.yml\` every default below holds. \`keploy-framework setup\` writes a file that fits
the project, \`keploy-framework doctor\` says what is wrong with it, and \`keploy-framework schema\` prints its JSON Schema,
which is also published as \`@keploy-framework/config/schema/keploy.schema.json\`. A \`keploy.yml\` of Keploy itself is read as
it is.

## Where a value comes from

From the strongest to the weakest:

1. an option of the command (\`--retries 2\`);
2. the environment: \`KEPLOY_\` and the key in capitals, with underscores between words (\`KEPLOY_TEST_API_TIMEOUT\` sets
   \`test.apiTimeout\`; the spelling \`KEPLOY_TEST_APITIMEOUT\` works too). Lists are written \`a,b\`, maps as YAML
   (\`{ /health: Health }\`);
3. \`<folder>.keploy.yml\` beside \`keploy.yml\`, where \`<folder>\` is the name of that folder: settings of one machine, to be
   ignored by Git;
4. \`keploy.yml\` (or \`keploy.yaml\`) in the folder where the command runs;
5. the default.

Maps are merged key by key, so that two sources can each set a part. A list replaces a list as a whole. A key without a
value (\`command:\`) counts as not written.

## How values are written

| kind | written as |
| --- | --- |
| seconds | a number of seconds (\`5\`, \`0.5\`), or a duration |
| duration | a number with its unit, or several: \`500ms\`, \`30s\`, \`5m\`, \`1h30m\` |
| size | a number of bytes, or one with a unit: \`512KiB\`, \`1MiB\` (1024), \`1MB\` (1000) |
| pattern | a regular expression in the syntax of RE2, which runs in linear time: no look-around, no back-references |

A value that is wrong is reported with line, column and a suggestion, and the command ends with exit code 2. A key that is
not known is kept and ignored; one that is nearly a known key is reported as a warning. Files above 1 MiB, keys that stand
twice and aliases that repeat without end are refused.

## Keys

`

const TAIL = `## Several services in one repository

\`\`\`yaml
services:
  - name: shop
    path: services/shop
    command: npm start
    port: 8000
    healthPath: /health
  - name: billing
    path: services/billing
    command: ./mvnw spring-boot:run
    port: 8080
\`\`\`

\`keploy-framework test --service shop\` takes one. Each has its recordings in the \`keploy/\` of its own \`path\`.

## Dependencies that are not found by themselves

\`\`\`yaml
dependencies:
  map:
    STRIPE_URL: {}
    SEARCH_HOST: { protocol: http, target: search:9200 }
  ignore: [LEGACY_DATABASE_URL]
  bypass: ['*.metrics.internal:443']
  files: [.env, .env.local]
\`\`\`

[Dependencies](dependencies.md) says what is found without this.

## State between sets

\`\`\`yaml
beforeSet: npm run db:reset
sets:
  test-set-3:
    beforeSet: npm run db:reset -- --empty
\`\`\`

## Entries of the menu

\`\`\`yaml
menu:
  title: Shop API
  entries:
    - { key: 1, title: Run all tests, command: keploy-framework test }
    - { key: 2, title: Reset the database, command: npm run db:reset }
\`\`\`

\`0\` always leaves the menu.
`

interface Leaf {
  readonly path: readonly string[]
  readonly node: SchemaNode
  /** It, or a section it stands in, has no effect here. */
  readonly inert: boolean
}

function leaves(node: SchemaNode, path: readonly string[] = [], above = false): Leaf[] {
  return Object.entries(node.properties ?? {}).flatMap(([key, child]) => {
    const inner = [...path, key]
    const inert = above || (child.description?.includes('without effect here') ?? false)
    return child.properties ? leaves(child, inner, inert) : [{ path: inner, node: child, inert }]
  })
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ')
}

function shownDefault(node: SchemaNode): string {
  return node.default === undefined ? '' : `\`${JSON.stringify(node.default)}\``
}

function meaning(node: SchemaNode): string {
  const values = node.enum ? ` One of ${node.enum.map((value) => `\`${String(value)}\``).join(', ')}.` : ''
  const inner = itemKeys(node)
  return cell(`${node.description ?? ''}${values}${inner}`)
}

/** The keys of the entries of a list or map, in the same cell. */
function itemKeys(node: SchemaNode): string {
  const entry = node.items ?? (typeof node.additionalProperties === 'object' ? node.additionalProperties : undefined)
  const keys = Object.entries(entry?.properties ?? {})
  if (keys.length === 0) return ''
  return ` Each has ${keys.map(([key, { description = '' }]) => `\`${key}\`: ${description.charAt(0).toLowerCase()}${description.slice(1).replace(/\.$/, '')}`).join('; ')}.`
}

function table(rows: readonly Leaf[]): string {
  const lines = rows.map(
    ({ path, node }) =>
      `| \`${path.join('.')}\` | ${shownDefault(node)} | \`${environmentName(path.join('.'))}\` | ${meaning(node)} |`,
  )
  return `| key | default | variable | meaning |\n| --- | --- | --- | --- |\n${lines.join('\n')}\n`
}

it('is what docs/configuration.md says of every key; `vitest -u` writes it anew', async () => {
  const all = leaves(configJsonSchema())
  const live = all.filter(({ inert }) => !inert)
  const sections = new Map<string, typeof all>()
  for (const leaf of live) {
    const name = leaf.path.length === 1 ? '' : (leaf.path[0] ?? '')
    sections.set(name, [...(sections.get(name) ?? []), leaf])
  }
  let text = HEAD
  for (const [name, rows] of sections) {
    const title = name === '' ? '### At the top' : `### \`${name}\``
    const description = name === '' ? '' : `${configJsonSchema().properties?.[name]?.description ?? ''}\n\n`
    text += `${title}\n\n${description}${table(rows)}\n`
  }
  text += TAIL
  text += `\n## Keys of Keploy that have no effect here\n\nThey are accepted, so that one file serves both tools. Where being ignored would change a run, a warning says so.\n\n`
  text += '| key | default | meaning |\n| --- | --- | --- |\n'
  for (const { path, node } of all.filter(({ inert }) => inert)) {
    const described = cell((node.description ?? '').replace(' Accepted, and without effect here.', ''))
    text += `| \`${path.join('.')}\` | ${shownDefault(node)} | ${described} |\n`
  }
  await expect(text).toMatchFileSnapshot('../../../docs/configuration.md')
  for (const { path } of all) expect(text).toContain(`| \`${path.join('.')}\` |`)
})
