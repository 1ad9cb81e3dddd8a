import { RecordingSession } from '../src/recording-session.ts'

// Run by kill.test.ts as a process of its own, which is then killed: records a service until somebody ends it.
const [target = '', directory = ''] = process.argv.slice(2)
const session = await RecordingSession.start({ target, directory })
process.stdout.write(`${session.url}\n`)
