import { readText } from './repository.ts'

/** Which packages a package may import, by folder name, as the table in docs/architecture.md has it. */
export async function readLayers(): Promise<Map<string, Set<string>>> {
  const layers = new Map<string, Set<string>>()
  for (const line of (await readText('docs/architecture.md')).split('\n')) {
    const [, name, imports] = /^\| `([a-z-]+)` \|.*\|([^|]*)\|$/.exec(line) ?? []
    if (name && imports !== undefined) {
      layers.set(name, new Set([...imports.matchAll(/`([a-z-]+)`/g)].map(([, imported]) => imported ?? '')))
    }
  }
  return layers
}

/** The modules that a source imports, types and dynamic imports included. */
export function importedModules(source: string): string[] {
  const statements = /^\s*(?:import|export)\b[^'"`;]*?\bfrom\s*['"]([^'"]+)['"]|^\s*import\s*['"]([^'"]+)['"]/gm
  const dynamic = /\bimport\(\s*['"]([^'"]+)['"]\s*\)/g
  return [
    ...[...source.matchAll(statements)].map(([, from, effect]) => from ?? effect ?? ''),
    ...[...source.matchAll(dynamic)].map(([, name]) => name ?? ''),
  ]
}
