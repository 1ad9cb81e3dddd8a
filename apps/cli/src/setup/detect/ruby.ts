import { portWord, type Detection, type DetectOptions } from './detection.ts'
import { findInFiles, portFromEnvFile, type Project } from './project.ts'

/** Looks for a Rails or Sinatra service. */
export async function detectRuby(project: Project, options: DetectOptions = {}): Promise<Detection | undefined> {
  const gems = await project.text('Gemfile')
  if (gems === '') return undefined
  const has = (name: string): boolean => new RegExp(`^\\s*gem\\s+["']${name}["']`, 'm').test(gems)
  const fromFile = await portFromEnvFile(project)
  const common = {
    language: 'ruby' as const,
    install: ['bundle install'],
    ...(has('standard')
      ? { formatCheck: 'bundle exec standardrb' }
      : has('rubocop')
        ? { formatCheck: 'bundle exec rubocop' }
        : {}),
  }
  if (has('rails')) {
    const port = fromFile ?? 3_000
    const rails = project.has('bin/rails') ? 'bin/rails' : 'bundle exec rails'
    return {
      ...common,
      framework: 'rails',
      command: `${rails} server -p ${portWord(port, options)}`,
      port,
      evidence: ['the Gemfile has rails'],
    }
  }
  if (!has('sinatra')) return undefined
  if (project.has('config.ru')) {
    const port = fromFile ?? 9_292
    return {
      ...common,
      framework: 'sinatra',
      command: `bundle exec rackup -p ${portWord(port, options)}`,
      port,
      evidence: ['the Gemfile has sinatra', 'config.ru'],
    }
  }
  const app = await findInFiles(project, (file) => file.endsWith('.rb'), /require\s+["']sinatra["']/)
  const port = fromFile ?? 4_567
  const file = app?.file ?? 'app.rb'
  return {
    ...common,
    framework: 'sinatra',
    command: `bundle exec ruby ${file} -p ${portWord(port, options)}`,
    port,
    evidence: ['the Gemfile has sinatra', file],
  }
}
