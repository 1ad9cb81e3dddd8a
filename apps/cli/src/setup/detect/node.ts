import type { Detection } from './detection.ts'
import { findInFiles, portFromEnvFile, type Project } from './project.ts'

const FRAMEWORKS: readonly (readonly [dependency: string, name: string])[] = [
  ['@nestjs/core', 'nestjs'],
  ['next', 'next'],
  ['fastify', 'fastify'],
  ['@hapi/hapi', 'hapi'],
  ['koa', 'koa'],
  ['hono', 'hono'],
  ['express', 'express'],
]

const LOCK_FILES: readonly (readonly [file: string, manager: string])[] = [
  ['pnpm-lock.yaml', 'pnpm'],
  ['yarn.lock', 'yarn'],
  ['bun.lock', 'bun'],
  ['bun.lockb', 'bun'],
  ['package-lock.json', 'npm'],
]

const ENTRIES = ['server', 'app', 'index', 'main', 'src/server', 'src/app', 'src/index', 'src/main']
const SOURCE = /\.(?:[cm]?[jt]s)$/

interface Manifest {
  readonly scripts: Readonly<Record<string, unknown>>
  readonly dependencies: ReadonlySet<string>
  readonly main: string
  readonly packageManager: string
}

/** Looks for a Node service. */
export async function detectNode(project: Project): Promise<Detection | undefined> {
  const manifest = readManifest(await project.text('package.json'))
  if (!manifest) return undefined
  const found = FRAMEWORKS.find(([dependency]) => manifest.dependencies.has(dependency))
  const framework = found?.[1] ?? 'node'
  const manager = packageManager(project, manifest)
  const command = startCommand(project, manifest, manager, framework)
  if (command === undefined) return undefined
  if (!found && !command.script && !(await listens(project))) return undefined
  const port = (await portOf(project, command.text)) ?? (await portFromEnvFile(project)) ?? 3_000
  const formatCheck = formatOf(manifest, manager)
  return {
    language: 'node',
    framework,
    command: command.line,
    port,
    install: [installLine(manager)],
    ...(formatCheck === undefined ? {} : { formatCheck }),
    evidence: [found ? `package.json depends on ${found[0]}` : 'package.json', command.why],
  }
}

function readManifest(text: string): Manifest | undefined {
  try {
    const json = JSON.parse(text) as Record<string, unknown>
    const names = ['dependencies', 'devDependencies', 'peerDependencies'].flatMap((key) => Object.keys(json[key] ?? {}))
    return {
      scripts: (json['scripts'] ?? {}) as Record<string, unknown>,
      dependencies: new Set(names),
      main: typeof json['main'] === 'string' ? json['main'].replace(/^\.\//, '') : '',
      packageManager: typeof json['packageManager'] === 'string' ? json['packageManager'] : '',
    }
  } catch {
    return undefined
  }
}

function packageManager(project: Project, manifest: Manifest): string {
  const named = /^(npm|pnpm|yarn|bun)@/.exec(manifest.packageManager)?.[1]
  return LOCK_FILES.find(([file]) => project.has(file))?.[1] ?? named ?? 'npm'
}

function startCommand(
  project: Project,
  manifest: Manifest,
  manager: string,
  framework: string,
): { line: string; text: string; why: string; script: boolean } | undefined {
  // `next start` needs a build first; `next dev` does not.
  const order = framework === 'next' ? ['dev', 'start'] : ['start', 'dev', 'serve', 'start:dev']
  for (const script of order) {
    const text = manifest.scripts[script]
    if (typeof text !== 'string') continue
    const short = script === 'start' && manager !== 'bun'
    const line = short ? `${manager} start` : manager === 'yarn' ? `yarn ${script}` : `${manager} run ${script}`
    return { line, text, why: `the script "${script}": ${text}`, script: true }
  }
  const candidates = [
    manifest.main,
    ...ENTRIES.flatMap((entry) => ['js', 'mjs', 'cjs', 'ts'].map((end) => `${entry}.${end}`)),
  ]
  const entry = candidates.find((file) => file !== '' && project.has(file))
  return entry === undefined ? undefined : { line: `node ${entry}`, text: '', why: `the file ${entry}`, script: false }
}

async function listens(project: Project): Promise<boolean> {
  return (await findInFiles(project, (file) => SOURCE.test(file), /\.listen\s*\(|createServer\s*\(/)) !== undefined
}

async function portOf(project: Project, script: string): Promise<number | undefined> {
  const inScript = /(?:\bPORT=|--port[= ]|\s-p[= ]?)(\d{2,5})\b/.exec(script)
  if (inScript) return Number(inScript[1])
  const pattern =
    /(?:\bPORT\b['"\]]*\s*(?:\)\s*)?(?:\|\||\?\?)\s*['"]?|\.listen\s*\(\s*(?:\{\s*port:\s*)?|\bport\s*[:=]\s*)(\d{2,5})\b/i
  const found = await findInFiles(
    project,
    (file) => SOURCE.test(file) && !/\.(?:test|spec|config)\./.test(file),
    pattern,
  )
  return found && Number(found.match[1])
}

function formatOf(manifest: Manifest, manager: string): string | undefined {
  for (const script of ['format:check', 'check:format', 'fmt:check']) {
    if (typeof manifest.scripts[script] === 'string') return `${manager} run ${script}`
  }
  if (manifest.dependencies.has('prettier')) return 'npx --no-install prettier --check .'
  if (manifest.dependencies.has('@biomejs/biome')) return 'npx --no-install biome format .'
  if (manifest.dependencies.has('oxfmt')) return 'npx --no-install oxfmt --check .'
  return undefined
}

function installLine(manager: string): string {
  const lines: Readonly<Record<string, string>> = {
    pnpm: 'corepack enable && pnpm install --frozen-lockfile',
    yarn: 'corepack enable && yarn install --immutable',
    bun: 'npx --yes bun install --frozen-lockfile',
  }
  return lines[manager] ?? 'npm ci'
}
