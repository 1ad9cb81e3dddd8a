import type { Detection, DetectOptions } from './detection.ts'
import { detectDotnet } from './dotnet.ts'
import { detectGo } from './go.ts'
import { detectJava } from './java.ts'
import { detectNode } from './node.ts'
import { detectPhp } from './php.ts'
import { readProject } from './project.ts'
import { detectPython } from './python.ts'
import { detectRuby } from './ruby.ts'

// Node comes last: many projects in other languages have a package.json for their front end.
const DETECTORS = [detectJava, detectGo, detectDotnet, detectPython, detectRuby, detectPhp, detectNode]

/** Every framework that can be told apart, for `--framework`. */
export const FRAMEWORK_NAMES: readonly string[] = [
  'express',
  'fastify',
  'nestjs',
  'koa',
  'hapi',
  'hono',
  'next',
  'node',
  'fastapi',
  'flask',
  'django',
  'gin',
  'echo',
  'fiber',
  'chi',
  'gorilla',
  'net/http',
  'spring-boot',
  'quarkus',
  'rails',
  'sinatra',
  'aspnet',
  'laravel',
  'symfony',
  'slim',
]

/** Everything a project could be, likeliest first. A framework counts more than a bare language. */
export async function detectProject(directory: string, options: DetectOptions = {}): Promise<Detection[]> {
  const project = await readProject(directory)
  const found: Detection[] = []
  for (const detect of DETECTORS) {
    const detection = await detect(project, options)
    if (detection) found.push(detection)
  }
  return found.sort((a, b) => Number(a.framework === 'node') - Number(b.framework === 'node'))
}
