import { portWord, type Detection, type DetectOptions } from './detection.ts'
import { portFromEnvFile, type Project } from './project.ts'

const FRAMEWORKS: readonly (readonly [dependency: string, name: string])[] = [
  ['laravel/framework', 'laravel'],
  ['symfony/framework-bundle', 'symfony'],
  ['slim/slim', 'slim'],
]

/** Looks for a Laravel, Symfony or Slim service. */
export async function detectPhp(project: Project, options: DetectOptions = {}): Promise<Detection | undefined> {
  const needs = composerNeeds(await project.text('composer.json'))
  const found = FRAMEWORKS.find(([dependency]) => needs.has(dependency))
  if (!found) return undefined
  const port = (await portFromEnvFile(project)) ?? 8_000
  const word = portWord(port, options)
  const formatter = needs.has('laravel/pint')
    ? { formatCheck: 'vendor/bin/pint --test' }
    : needs.has('friendsofphp/php-cs-fixer')
      ? { formatCheck: 'vendor/bin/php-cs-fixer check' }
      : {}
  return {
    language: 'php',
    framework: found[1],
    command: found[1] === 'laravel' ? `php artisan serve --port=${word}` : `php -S 127.0.0.1:${word} -t public`,
    port,
    ...formatter,
    install: ['composer install --no-interaction --prefer-dist'],
    evidence: [`composer.json requires ${found[0]}`],
  }
}

function composerNeeds(text: string): ReadonlySet<string> {
  try {
    const json = JSON.parse(text) as Record<string, unknown>
    return new Set(['require', 'require-dev'].flatMap((key) => Object.keys(json[key] ?? {})))
  } catch {
    return new Set()
  }
}
