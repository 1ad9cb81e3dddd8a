import { runQuietly } from './run-quietly.ts'

const SERVICE = 'com.docker.compose.service'
const FOLDER = 'com.docker.compose.project.working_dir'

/**
 * The containers that run for the compose file in a folder, by the name of their service. Docker is asked, and not Compose,
 * whose older versions take a second to start.
 */
export async function composeContainers(folder: string): Promise<ReadonlyMap<string, string>> {
  const listed = await runQuietly([
    'docker',
    'ps',
    '--filter',
    `label=${FOLDER}=${folder}`,
    '--format',
    `{{.ID}} {{.Label "${SERVICE}"}}`,
  ])
  const found = new Map<string, string>()
  for (const line of listed.stdout.split('\n')) {
    const [id = '', service = ''] = line.split(' ')
    if (service !== '') found.set(service, id)
  }
  return found
}
