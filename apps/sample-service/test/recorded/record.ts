// Records the suite of the platform again, with real services: `npm run platform:record`. Names of sets choose some.
import { driveClient } from './client.ts'
import { startDependencies } from './dependencies.ts'
import { drives } from './drive.ts'
import { startCli } from './run-cli.ts'

const wanted = process.argv.slice(2)
for (const name of wanted.length > 0 ? wanted : Object.keys(drives)) await record(name)

async function record(name: string): Promise<void> {
  const drive = drives[name]
  if (!drive) throw new Error(`There is no drive ${name}: ${Object.keys(drives).join(', ')}.`)
  const dependencies = await startDependencies()
  const args = ['record', '--test-set', name, '--replace', '--keep', 'health', '--hook']
  const { child, ended } = startCli(args, dependencies.env)
  try {
    child.stdout.pipe(process.stdout)
    child.stderr.pipe(process.stderr)
    await new Promise<void>((resolve, reject) => {
      child.stderr.on('data', (chunk: Buffer) => {
        if (chunk.includes('Recording: send requests')) resolve()
      })
      void ended.then((code) => reject(new Error(`record ended with ${code} before it was ready`)))
    })
    // The port of keploy.yml: it stands in what is recorded, and stays the same.
    await drive(driveClient('http://127.0.0.1:18010'), dependencies)
    child.kill('SIGINT')
    const code = await ended
    if (code !== 0) throw new Error(`record ended with ${code}`)
  } finally {
    // A drive that failed leaves a set that ends in the middle; `git diff` shows it.
    if (child.exitCode === null) child.kill('SIGTERM')
    await dependencies.close()
  }
}
