import { parse } from 'yaml'

import { portWord, type Detection, type DetectOptions } from './detection.ts'
import type { Project } from './project.ts'

const RESOURCES = 'src/main/resources/'

/** Looks for a Spring Boot or Quarkus service built with Maven or Gradle. */
export async function detectJava(project: Project, options: DetectOptions = {}): Promise<Detection | undefined> {
  const build = ['pom.xml', 'build.gradle', 'build.gradle.kts'].find((file) => project.has(file))
  if (build === undefined) return undefined
  const text = await project.text(build)
  const framework = text.includes('quarkus')
    ? 'quarkus'
    : /spring-boot|springframework\.boot/.test(text)
      ? 'spring-boot'
      : undefined
  if (framework === undefined) return undefined
  const maven = build === 'pom.xml'
  const wrapper = maven ? 'mvnw' : 'gradlew'
  const windows = (options.platform ?? process.platform) === 'win32'
  const own = windows ? (maven ? 'mvnw.cmd' : 'gradlew.bat') : `./${wrapper}`
  const tool = project.has(wrapper) ? own : maven ? 'mvn' : 'gradle'
  const spring = framework === 'spring-boot'
  const task = maven ? (spring ? 'spring-boot:run' : 'quarkus:dev') : spring ? 'bootRun' : 'quarkusDev'
  const port = (await portOf(project, spring ? 'server.port' : 'quarkus.http.port')) ?? 8_080
  const variable = spring ? 'SERVER_PORT' : 'QUARKUS_HTTP_PORT'
  const spotless = text.includes('spotless')
  return {
    language: 'java',
    framework,
    command: windows ? `${tool} ${task}` : `${variable}=${portWord(port, options)} ${tool} ${task}`,
    port,
    ...(spotless ? { formatCheck: maven ? `${tool} spotless:check` : `${tool} spotlessCheck` } : {}),
    install: [maven ? `${tool} -B -DskipTests package` : `${tool} assemble`],
    evidence: [`${build} uses ${spring ? 'Spring Boot' : 'Quarkus'}`, tool],
  }
}

async function portOf(project: Project, key: string): Promise<number | undefined> {
  const properties = await project.text(`${RESOURCES}application.properties`)
  const escaped = key.replaceAll('.', '\\.')
  const line = new RegExp(`^\\s*${escaped}\\s*[=:]\\s*(?:\\$\\{[^:}]*:)?(\\d{2,5})`, 'm').exec(properties)
  if (line) return Number(line[1])
  for (const name of ['application.yml', 'application.yaml']) {
    const port = key
      .split('.')
      .reduce<unknown>(
        (tree, step) => (tree as Record<string, unknown> | undefined)?.[step],
        firstDocument(await project.text(RESOURCES + name)),
      )
    const number = /(\d{2,5})\}?$/.exec(typeof port === 'number' || typeof port === 'string' ? String(port) : '')
    if (number) return Number(number[1])
  }
  return undefined
}

function firstDocument(text: string): unknown {
  try {
    return parse(text.split(/^---\s*$/m).find((part) => part.trim() !== '') ?? '', { maxAliasCount: 0 }) as unknown
  } catch {
    return undefined
  }
}
