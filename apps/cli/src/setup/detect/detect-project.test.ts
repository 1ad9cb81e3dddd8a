import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

import { afterEach, describe, expect, it } from 'vitest'

import { detectProject, FRAMEWORK_NAMES } from './detect-project.ts'

const folders: string[] = []

afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true })
})

async function project(files: Readonly<Record<string, string | object>>): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'keploy-detect-'))
  folders.push(directory)
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(directory, path)), { recursive: true })
    await writeFile(join(directory, path), typeof content === 'string' ? content : JSON.stringify(content))
  }
  return directory
}

async function first(files: Readonly<Record<string, string | object>>, platform: NodeJS.Platform = 'linux') {
  const found = await detectProject(await project(files), { platform })
  const { language, framework, command, port } = found[0] ?? {}
  return { language, framework, command, port }
}

const app = (dependency: string, scripts: object = { start: 'node server.js' }) => ({
  dependencies: { [dependency]: '^1' },
  scripts,
})

describe('detectProject in Node', () => {
  it.each([
    ['express', 'express'],
    ['fastify', 'fastify'],
    ['@nestjs/core', 'nestjs'],
    ['koa', 'koa'],
    ['@hapi/hapi', 'hapi'],
    ['hono', 'hono'],
  ])('knows %s', async (dependency, framework) => {
    expect(await first({ 'package.json': app(dependency) })).toEqual({
      language: 'node',
      framework,
      command: 'npm start',
      port: 3_000,
    })
  })

  it('starts Next by its dev script, which needs no build', async () => {
    const scripts = { start: 'next start', dev: 'next dev -p 4000' }
    expect(await first({ 'package.json': app('next', scripts) })).toMatchObject({
      framework: 'next',
      command: 'npm run dev',
      port: 4_000,
    })
  })

  it.each([
    ['pnpm-lock.yaml', 'pnpm start'],
    ['yarn.lock', 'yarn start'],
    ['bun.lockb', 'bun run start'],
    ['package-lock.json', 'npm start'],
  ])('uses the package manager of %s', async (lock, command) => {
    expect(await first({ 'package.json': app('express'), [lock]: '' })).toMatchObject({ command })
  })

  it.each([
    ['src/server.ts', 'app.listen(Number(process.env.PORT) || 8081)', 8_081],
    ['src/server.ts', 'const port = process.env.PORT ?? 8082', 8_082],
    ['server.js', 'app.listen(8083, () => {})', 8_083],
    ['server.js', "fastify.listen({ port: 8084, host: '0.0.0.0' })", 8_084],
    ['.env', 'PORT=8085\n', 8_085],
  ])('finds the port in %s', async (file, text, port) => {
    expect(await first({ 'package.json': app('express'), [file]: text })).toMatchObject({ port })
  })

  it('starts the main file when there is no script', async () => {
    expect(
      await first({ 'package.json': { main: './lib/main.js', dependencies: { express: '1' } }, 'lib/main.js': '' }),
    ).toMatchObject({ command: 'node lib/main.js' })
    expect(await first({ 'package.json': app('koa', { test: 'x' }), 'src/index.ts': '' })).toMatchObject({
      command: 'node src/index.ts',
    })
  })

  it('takes a plain node server, and no library', async () => {
    const files = { 'package.json': { name: 'x' }, 'index.js': "require('http').createServer().listen(9000)" }
    expect(await first(files)).toEqual({ language: 'node', framework: 'node', command: 'node index.js', port: 9_000 })
    expect(await first({ 'package.json': { name: 'x' }, 'index.js': 'module.exports = 1' })).toEqual({})
  })

  it('reads no dependencies and follows no links', async () => {
    const directory = await project({
      'node_modules/x/package.json': app('express'),
      'outside/server.js': 'app.listen(1234)',
    })
    await symlink('/etc/passwd', join(directory, 'package.json'))
    expect(await detectProject(directory)).toEqual([])
  })

  it('finds nothing in a broken package.json, and in an empty folder', async () => {
    expect(await first({ 'package.json': '{' })).toEqual({})
    expect(await first({})).toEqual({})
  })
})

describe('detectProject in Python', () => {
  const FASTAPI = 'from fastapi import FastAPI\n\napp = FastAPI(title="x")\n'

  it('finds a FastAPI application wherever it lies', async () => {
    expect(await first({ 'requirements.txt': 'fastapi==0.1\nuvicorn\n', 'app/main.py': FASTAPI })).toEqual({
      language: 'python',
      framework: 'fastapi',
      command: 'uvicorn app.main:app --port ${PORT:-8000}',
      port: 8_000,
    })
  })

  it.each([
    [
      { 'uv.lock': '', 'pyproject.toml': 'dependencies = ["fastapi[standard]"]' },
      'uv run uvicorn main:api --port ${PORT:-8000}',
    ],
    [
      { 'poetry.lock': '', 'pyproject.toml': '[tool.poetry.dependencies]\nfastapi = "*"' },
      'poetry run uvicorn main:api --port ${PORT:-8000}',
    ],
    [{ Pipfile: 'fastapi = "*"' }, 'pipenv run uvicorn main:api --port ${PORT:-8000}'],
    [
      { 'requirements.txt': 'fastapi\ngunicorn' },
      'gunicorn -k uvicorn.workers.UvicornWorker main:api --bind 127.0.0.1:${PORT:-8000}',
    ],
  ])('starts it with the tool of the project: %j', async (files, command) => {
    expect(await first({ ...files, 'main.py': FASTAPI.replace('app =', 'api: FastAPI =') })).toMatchObject({ command })
  })

  it('knows Flask, an application factory, and gunicorn', async () => {
    expect(await first({ 'requirements.txt': 'Flask>=2', 'app.py': 'app = Flask(__name__)' })).toEqual({
      language: 'python',
      framework: 'flask',
      command: 'flask --app app run --port ${PORT:-5000}',
      port: 5_000,
    })
    expect(
      await first({ 'requirements.txt': 'flask', 'shop/__init__.py': 'def create_app():\n  pass\n' }),
    ).toMatchObject({ command: 'flask --app shop run --port ${PORT:-5000}' })
    expect(await first({ 'requirements.txt': 'flask\ngunicorn', 'wsgi.py': 'app = Flask(__name__)' })).toMatchObject({
      command: "gunicorn 'wsgi:app' --bind 127.0.0.1:${PORT:-8000}",
    })
  })

  it('knows Django by manage.py', async () => {
    const files = { 'requirements.txt': 'Django~=5.0', 'manage.py': 'import django' }
    expect(await first(files)).toEqual({
      language: 'python',
      framework: 'django',
      command: 'python manage.py runserver --noreload ${PORT:-8000}',
      port: 8_000,
    })
  })

  it('is no service when nothing serves', async () => {
    expect(await first({ 'requirements.txt': 'numpy', 'main.py': 'print(1)' })).toEqual({})
  })

  it('writes the port out where the shell has no default values', async () => {
    expect(await first({ 'requirements.txt': 'fastapi', 'main.py': FASTAPI }, 'win32')).toMatchObject({
      command: 'uvicorn main:app --port 8000',
    })
  })
})

describe('detectProject in Go', () => {
  const main = (rest: string) => `package main\n\n${rest}\n\nfunc main() {\n}\n`

  it.each([
    ['github.com/gin-gonic/gin v1', 'gin', 8_080],
    ['github.com/labstack/echo/v4 v4', 'echo', 1_323],
    ['github.com/gofiber/fiber/v2 v2', 'fiber', 3_000],
    ['github.com/go-chi/chi/v5 v5', 'chi', 8_080],
  ])('knows %s', async (module, framework, port) => {
    expect(await first({ 'go.mod': `module x\nrequire ${module}\n`, 'main.go': main('') })).toEqual({
      language: 'go',
      framework,
      command: 'go run .',
      port,
    })
  })

  it('finds the main package of the server, and its port', async () => {
    const files = {
      'go.mod': 'module x\n',
      'cmd/migrate/main.go': main(''),
      'cmd/server/main.go': main('import "net/http"\nvar a = ":9090"'),
    }
    expect(await first(files)).toEqual({
      language: 'go',
      framework: 'net/http',
      command: 'go run ./cmd/server',
      port: 9_090,
    })
  })

  it('is no service without a main package or without HTTP', async () => {
    expect(await first({ 'go.mod': 'module x\n', 'x.go': 'package x\n\nimport "net/http"\n' })).toEqual({})
    expect(await first({ 'go.mod': 'module x\n', 'main.go': main('') })).toEqual({})
  })
})

describe('detectProject in Java', () => {
  const POM = '<project><artifactId>spring-boot-starter-web</artifactId></project>'

  it('starts Spring Boot with Maven, its wrapper, or Gradle', async () => {
    expect(await first({ 'pom.xml': POM })).toEqual({
      language: 'java',
      framework: 'spring-boot',
      command: 'SERVER_PORT=${PORT:-8080} mvn spring-boot:run',
      port: 8_080,
    })
    expect(await first({ 'pom.xml': POM, mvnw: '' })).toMatchObject({
      command: 'SERVER_PORT=${PORT:-8080} ./mvnw spring-boot:run',
    })
    expect(await first({ 'build.gradle.kts': 'id("org.springframework.boot")', gradlew: '' })).toMatchObject({
      command: 'SERVER_PORT=${PORT:-8080} ./gradlew bootRun',
    })
    expect(await first({ 'pom.xml': POM, mvnw: '' }, 'win32')).toMatchObject({ command: 'mvnw.cmd spring-boot:run' })
  })

  it.each([
    ['application.properties', 'spring.x=1\nserver.port=9001\n'],
    ['application.properties', 'server.port=${PORT:9001}\n'],
    ['application.yml', 'server:\n  port: 9001\n'],
    ['application.yaml', '---\nserver:\n  port: ${PORT:9001}\n---\nserver:\n  port: 1111\n'],
  ])('finds the port in %s', async (name, text) => {
    expect(await first({ 'pom.xml': POM, [`src/main/resources/${name}`]: text })).toMatchObject({ port: 9_001 })
  })

  it('knows Quarkus', async () => {
    const files = {
      'pom.xml': '<groupId>io.quarkus</groupId>',
      'src/main/resources/application.properties': 'quarkus.http.port=9002',
    }
    expect(await first(files)).toEqual({
      language: 'java',
      framework: 'quarkus',
      command: 'QUARKUS_HTTP_PORT=${PORT:-9002} mvn quarkus:dev',
      port: 9_002,
    })
    expect(await first({ 'build.gradle': "id 'io.quarkus'" })).toMatchObject({
      command: 'QUARKUS_HTTP_PORT=${PORT:-8080} gradle quarkusDev',
    })
  })

  it('is no service when it is a library', async () => {
    expect(await first({ 'pom.xml': '<project/>' })).toEqual({})
  })
})

describe('detectProject in Ruby, .NET and PHP', () => {
  it('knows Rails and Sinatra', async () => {
    expect(await first({ Gemfile: 'gem "rails", "~> 8"', 'bin/rails': '' })).toEqual({
      language: 'ruby',
      framework: 'rails',
      command: 'bin/rails server -p ${PORT:-3000}',
      port: 3_000,
    })
    expect(await first({ Gemfile: "gem 'sinatra'", 'config.ru': '' })).toMatchObject({
      framework: 'sinatra',
      command: 'bundle exec rackup -p ${PORT:-9292}',
    })
    expect(await first({ Gemfile: "gem 'sinatra'", 'web.rb': "require 'sinatra'" })).toMatchObject({
      command: 'bundle exec ruby web.rb -p ${PORT:-4567}',
      port: 4_567,
    })
    expect(await first({ Gemfile: "gem 'rake'" })).toEqual({})
  })

  it('knows ASP.NET and the port of its launch settings', async () => {
    const files = {
      'Lib/Lib.csproj': '<Project Sdk="Microsoft.NET.Sdk">',
      'Api/Api.csproj': '<Project Sdk="Microsoft.NET.Sdk.Web">',
      'Api/Properties/launchSettings.json': {
        profiles: { http: { applicationUrl: 'https://localhost:7001;http://localhost:5123' } },
      },
    }
    expect(await first(files)).toEqual({
      language: 'dotnet',
      framework: 'aspnet',
      command: 'dotnet run --project Api/Api.csproj -- --urls http://127.0.0.1:${PORT:-5123}',
      port: 5_123,
    })
    expect(await first({ 'My Api/x.csproj': '<Project Sdk="Microsoft.NET.Sdk.Web">' })).toMatchObject({
      command: expect.stringContaining('"My Api/x.csproj"'),
      port: 5_000,
    })
  })

  it.each([
    ['laravel/framework', 'laravel', 'php artisan serve --port=${PORT:-8000}'],
    ['symfony/framework-bundle', 'symfony', 'php -S 127.0.0.1:${PORT:-8000} -t public'],
    ['slim/slim', 'slim', 'php -S 127.0.0.1:${PORT:-8000} -t public'],
  ])('knows %s', async (dependency, framework, command) => {
    expect(await first({ 'composer.json': { require: { [dependency]: '^1' } } })).toEqual({
      language: 'php',
      framework,
      command,
      port: 8_000,
    })
  })

  it('finds the formatter of each language', async () => {
    const check = async (files: Readonly<Record<string, string | object>>) =>
      (await detectProject(await project(files)))[0]?.formatCheck
    expect(await check({ 'package.json': { ...app('express'), devDependencies: { prettier: '3' } } })).toBe(
      'npx --no-install prettier --check .',
    )
    expect(await check({ 'package.json': app('express', { start: 'x', 'format:check': 'y' }) })).toBe(
      'npm run format:check',
    )
    expect(await check({ 'requirements.txt': 'flask\nruff', 'app.py': 'app = Flask(1)' })).toBe('ruff format --check .')
    expect(await check({ 'requirements.txt': 'flask\nblack', 'app.py': 'app = Flask(1)' })).toBe('black --check .')
    expect(await check({ Gemfile: 'gem "rails"\ngem "rubocop"' })).toBe('bundle exec rubocop')
    expect(
      await check({
        'composer.json': { require: { 'laravel/framework': '1' }, 'require-dev': { 'laravel/pint': '1' } },
      }),
    ).toBe('vendor/bin/pint --test')
    expect(await check({ 'build.gradle': 'org.springframework.boot spotless' })).toBe('gradle spotlessCheck')
  })
})

describe('detectProject in a repository with several languages', () => {
  it('takes the back end before a front end, and lists both', async () => {
    const found = await detectProject(
      await project({
        'manage.py': 'import django',
        'requirements.txt': 'django',
        'package.json': app('next', { dev: 'next dev' }),
      }),
    )
    expect(found.map((detection) => detection.framework)).toEqual(['django', 'next'])
    expect(found.every((detection) => FRAMEWORK_NAMES.includes(detection.framework))).toBe(true)
  })
})
