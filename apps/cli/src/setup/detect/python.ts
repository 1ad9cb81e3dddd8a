import { portWord, type Detection, type DetectOptions } from './detection.ts'
import { findInFiles, portFromEnvFile, type Project } from './project.ts'

/** Looks for a FastAPI, Flask or Django service. */
export async function detectPython(project: Project, options: DetectOptions = {}): Promise<Detection | undefined> {
  const needs = await requirements(project)
  const python = (file: string): boolean => file.endsWith('.py')
  if (needs.text === '' && !project.files.some(python)) return undefined
  const tool = await runnerOf(project)
  const common = {
    language: 'python' as const,
    install: tool.install(needs.file),
    ...formatOf(needs, tool.prefix),
  }
  const port = await portFromEnvFile(project)
  const fastapi = await findInFiles(project, python, /^(\w+)\s*(?::[^=\n]+)?=\s*FastAPI\s*\(/m)
  if (fastapi && !needs.has('django')) {
    const app = `${moduleName(fastapi.file)}:${fastapi.match[1]}`
    const word = portWord(port ?? 8_000, options)
    const gunicorn = needs.has('gunicorn') && !needs.has('uvicorn') && !needs.text.includes('fastapi[')
    const line = gunicorn
      ? `gunicorn -k uvicorn.workers.UvicornWorker ${app} --bind 127.0.0.1:${word}`
      : `uvicorn ${app} --port ${word}`
    return {
      ...common,
      framework: 'fastapi',
      command: tool.prefix + line,
      port: port ?? 8_000,
      evidence: [`FastAPI() in ${fastapi.file}`, tool.why],
    }
  }
  const manage = project.files.find((file) => file === 'manage.py' || file.endsWith('/manage.py'))
  if (manage !== undefined && (needs.has('django') || (await project.text(manage)).includes('django'))) {
    const word = portWord(port ?? 8_000, options)
    const line = `python ${manage} runserver --noreload ${word}`
    return {
      ...common,
      framework: 'django',
      command: tool.prefix + line,
      port: port ?? 8_000,
      evidence: [manage, tool.why],
    }
  }
  const flask = await findInFiles(project, python, /^(\w+)\s*(?::[^=\n]+)?=\s*Flask\s*\(|^def (create_app)\s*\(/m)
  if (flask && (needs.has('flask') || flask.match[1] !== undefined)) {
    const file = moduleName(flask.file)
    const name = flask.match[1] ?? 'create_app()'
    const usual = needs.has('gunicorn') ? 8_000 : 5_000
    const word = portWord(port ?? usual, options)
    const line = needs.has('gunicorn')
      ? `gunicorn '${file}:${name}' --bind 127.0.0.1:${word}`
      : `flask --app ${['app', 'application', 'create_app()'].includes(name) ? file : `${file}:${name}`} run --port ${word}`
    return {
      ...common,
      framework: 'flask',
      command: tool.prefix + line,
      port: port ?? usual,
      evidence: [`Flask in ${flask.file}`, tool.why],
    }
  }
  return undefined
}

interface Requirements {
  readonly text: string
  readonly file: string | undefined
  has(name: string): boolean
}

async function requirements(project: Project): Promise<Requirements> {
  const names = project.files.filter((file) =>
    /^(?:pyproject\.toml|requirements[^/]*\.txt|requirements\/[^/]+\.txt|Pipfile|setup\.(?:py|cfg))$/.test(file),
  )
  const texts = await Promise.all(names.map((file) => project.text(file)))
  const text = texts.join('\n').toLowerCase()
  return {
    text,
    file: names.find((file) => file.startsWith('requirements')),
    has: (name) => new RegExp(`(?:^|["'\\s,])${name}(?:$|[^\\w-])`, 'm').test(text),
  }
}

async function runnerOf(
  project: Project,
): Promise<{ prefix: string; why: string; install: (file: string | undefined) => string[] }> {
  const pyproject = await project.text('pyproject.toml')
  if (project.has('uv.lock') || pyproject.includes('[tool.uv]')) {
    return { prefix: 'uv run ', why: 'uv', install: () => ['pip install uv', 'uv sync'] }
  }
  if (project.has('poetry.lock') || pyproject.includes('[tool.poetry]')) {
    return { prefix: 'poetry run ', why: 'poetry', install: () => ['pip install poetry', 'poetry install'] }
  }
  if (project.has('Pipfile'))
    return { prefix: 'pipenv run ', why: 'pipenv', install: () => ['pip install pipenv', 'pipenv install --dev'] }
  return {
    prefix: '',
    why: 'pip',
    install: (file) => [file === undefined ? 'pip install .' : `pip install -r ${file}`],
  }
}

function formatOf(needs: Requirements, prefix: string): { formatCheck?: string } {
  if (needs.has('ruff') || needs.text.includes('[tool.ruff')) return { formatCheck: `${prefix}ruff format --check .` }
  if (needs.has('black') || needs.text.includes('[tool.black')) return { formatCheck: `${prefix}black --check .` }
  return {}
}

function moduleName(file: string): string {
  return file
    .replace(/\.py$/, '')
    .replace(/\/__init__$/, '')
    .replace(/^src\//, 'src/')
    .replaceAll('/', '.')
}
