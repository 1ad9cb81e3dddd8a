import type { Detection } from './detection.ts'
import { findInFiles, portFromEnvFile, type Project } from './project.ts'

const FRAMEWORKS: readonly (readonly [module: string, name: string, port: number])[] = [
  ['github.com/gin-gonic/gin', 'gin', 8_080],
  ['github.com/labstack/echo', 'echo', 1_323],
  ['github.com/gofiber/fiber', 'fiber', 3_000],
  ['github.com/go-chi/chi', 'chi', 8_080],
  ['github.com/gorilla/mux', 'gorilla', 8_080],
]

const PREFERRED = /(?:^|\/)(?:server|api|web|app|http|service)\//

/** Looks for a Go service: a module with a main package that serves HTTP. */
export async function detectGo(project: Project): Promise<Detection | undefined> {
  if (!project.has('go.mod')) return undefined
  const modules = await project.text('go.mod')
  const found = FRAMEWORKS.find(([name]) => modules.includes(name))
  const main = await mainFile(project)
  if (main === undefined) return undefined
  const folder = main.includes('/') ? `./${main.slice(0, main.lastIndexOf('/'))}` : '.'
  const goSource = (file: string): boolean => file.endsWith('.go') && !file.endsWith('_test.go')
  const serves = found ?? (await findInFiles(project, goSource, /"net\/http"/))
  if (!serves) return undefined
  const source = await findInFiles(
    project,
    goSource,
    /"(?:[\w.-]*|\[::\]):(\d{2,5})"|(?:PORT|port)"?,?\s*(?::?=|\|\|)?\s*"(\d{2,5})"/,
  )
  const port =
    (source && Number(source.match[1] ?? source.match[2])) ?? (await portFromEnvFile(project)) ?? found?.[2] ?? 8_080
  return {
    language: 'go',
    framework: found?.[1] ?? 'net/http',
    command: `go run ${folder}`,
    port,
    formatCheck: 'test -z "$(gofmt -l .)"',
    install: ['go mod download'],
    evidence: [found ? `go.mod requires ${found[0]}` : 'net/http is imported', `the main package in ${folder}`],
  }
}

/** The main package: the one in the root, then one that is named like a server, then any. */
async function mainFile(project: Project): Promise<string | undefined> {
  const mains: string[] = []
  for (const file of project.files) {
    if (!file.endsWith('.go') || file.endsWith('_test.go') || mains.length > 20) continue
    const text = await project.text(file)
    if (/^package main\b/m.test(text) && /^func main\s*\(/m.test(text)) mains.push(file)
  }
  return mains.find((file) => !file.includes('/')) ?? mains.find((file) => PREFERRED.test(file)) ?? mains[0]
}
