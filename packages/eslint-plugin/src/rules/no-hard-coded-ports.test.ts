import { tester } from '../testing/rule-tester.ts'
import { noHardCodedPorts } from './no-hard-coded-ports.ts'

const listen = (port: number) => ({ messageId: 'listen', data: { port: String(port) } })
const connect = (port: number) => ({ messageId: 'connect', data: { port: String(port) } })

tester.run('no-hard-coded-ports', noHardCodedPorts, {
  valid: [
    'server.listen(0)',
    "server.listen(0, '127.0.0.1')",
    'server.listen({ port: 0 })',
    'server.listen(TEST_PORTS.backend)',
    'await fetch(`http://127.0.0.1:${TEST_PORTS.backend}/users`)',
    'await fetch(`http://127.0.0.1:${port}/users`)',
    { name: 'a function of that name', code: 'const listen = (port) => port; listen(3000)' },
    { name: 'one that is refused', code: "expect(() => new WebSocket('localhost:8000')).toThrow(/no URL/)" },
    { name: 'nothing listens on port 1', code: "await fetch('http://127.0.0.1:1/')" },
    { name: 'text that is only read', code: "expect(parse('postgres://localhost:5432/a')).toEqual({ port: 5432 })" },
    {
      name: 'a request that reaches no network',
      code: "app.fetch(new Request('http://localhost:3000/a')); app.request('http://localhost:3000')",
    },
    { name: 'a public address', code: "await fetch('https://example.com:8443/')" },
    { name: 'a body', code: "await fetch(url, { body: 'http://localhost:3000' })" },
    { name: 'a map', code: "urls.get('http://localhost:3000')" },
    { code: 'server.listen(8000)', options: [{ allow: [8000] }] },
  ],
  invalid: [
    { code: 'server.listen(3000)', errors: [listen(3000)] },
    { code: "server.listen('3000')", errors: [listen(3000)] },
    { code: "await app.listen({ host: '127.0.0.1', port: 3000 })", errors: [listen(3000)] },
    { code: 'const PORT = 3000; server.listen(PORT)', errors: [listen(3000)] },
    { code: "net.connect(5432, '127.0.0.1')", errors: [connect(5432)] },
    { code: "await fetch('http://localhost:8000/users')", errors: [connect(8000)] },
    { code: 'await fetch(`http://localhost:8000/users/${id}`)', errors: [connect(8000)] },
    { code: "const base = 'http://localhost:8000' as const; await fetch(base)", errors: [connect(8000)] },
    { code: "await fetch(new URL('http://[::1]:8000'))", errors: [connect(8000)] },
    { code: "new Pool({ connectionString: 'postgres://u:p@localhost:5432/a' })", errors: [connect(5432)] },
    { code: "new Kafka({ brokers: ['localhost:9092', '127.0.0.1:9093'] })", errors: [connect(9092), connect(9093)] },
    { code: "new Client({ host: 'localhost', port: 5432 })", errors: [connect(5432)] },
    { code: 'createClient({ socket: { port: 6379 } })', errors: [connect(6379)] },
    { code: "import { request } from 'undici'; await request('http://localhost:3000')", errors: [connect(3000)] },
    { code: "import http from 'node:http'; http.get('http://localhost:3000')", errors: [connect(3000)] },
    { code: "import { connect } from 'node:net'; connect(5432)", errors: [connect(5432)] },
    { code: "await page.goto('http://localhost:3000/')", errors: [connect(3000)] },
    { code: 'startServer(8000)', options: [{ functions: ['startServer'] }], errors: [connect(8000)] },
  ],
})
