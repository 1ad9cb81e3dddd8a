import { tester } from '../testing/rule-tester.ts'
import { noProcessEnv } from './no-process-env.ts'

const read = (what: string, name = `'${what.slice('process.env.'.length)}'`) => ({
  messageId: 'read',
  data: { what, name },
})
const write = (what: string, name = `'${what.slice('process.env.'.length)}'`) => ({
  messageId: 'write',
  data: { what, name },
})

tester.run('no-process-env', noProcessEnv, {
  valid: [
    "getEnv().set('A', '1', 'test')",
    { name: 'another object of that name', code: 'const process = { env: { A: 1 } }; process.env.A' },
    'worker.process.env.A',
    'import.meta.env.MODE',
    'const env = { A: 1 }; env.A = 2; run({ env })',
    { code: 'process.env.CI', options: [{ allowReads: ['CI', 'KEPLOY_*'] }] },
    { code: 'process.env.KEPLOY_REQUIRE_SERVICES', options: [{ allowReads: ['CI', 'KEPLOY_*'] }] },
    { code: 'const { CI } = process.env', options: [{ allowReads: ['CI'] }] },
    { code: 'spawn(a, { env: { ...process.env, B: "1" } })', options: [{ allowReads: true }] },
  ],
  invalid: [
    { code: 'process.env.A', errors: [read('process.env.A')] },
    { code: "process['env']['A']", errors: [read('process.env.A')] },
    { code: 'process.env?.A!', errors: [read('process.env.A')] },
    { code: 'globalThis.process.env.A', errors: [read('process.env.A')] },
    { code: 'const { A } = process.env', errors: [read('process.env', 'name')] },
    { code: 'spawn(a, { env: { ...process.env } })', errors: [read('process.env', 'name')] },
    { code: "import { env } from 'node:process'; env.A", errors: [read('process.env.A')] },
    { code: "import p from 'process'; p.env.A", errors: [read('process.env.A')] },
    { code: 'const { CI, A } = process.env', options: [{ allowReads: ['CI'] }], errors: [{ messageId: 'read' }] },
    { code: "process.env.A = '1'", options: [{ allowReads: true }], errors: [write('process.env.A')] },
    { code: 'process.env[name] = value', options: [{ allowReads: true }], errors: [write('process.env', 'name')] },
    { code: 'delete process.env.A', errors: [write('process.env.A')] },
    { code: 'process.env = {}', errors: [write('process.env', 'name')] },
    {
      code: 'Object.assign(process.env, { A: 1 })',
      options: [{ allowReads: true }],
      errors: [write('process.env', 'name')],
    },
    { code: "vi.stubEnv('A', '1')", options: [{ allowReads: true }], errors: [{ messageId: 'write' }] },
  ],
})
