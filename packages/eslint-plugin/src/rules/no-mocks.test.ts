import { fileOf, tester } from '../testing/rule-tester.ts'
import { noMocks } from './no-mocks.ts'

const e2e = fileOf('e2e')
const integration = fileOf('integration')
const mock = (name: string, category = 'e2e') => ({ messageId: 'mock', data: { name, category } })
const ownCode = (name: string) => ({ messageId: 'ownCode', data: { name, category: 'integration' } })
const ownPackages = { 'keploy-framework': { ownPackages: ['@acme/*'] } }

tester.run('no-mocks', noMocks, {
  valid: [
    { name: 'unit tests may mock', code: "vi.mock('./mail.ts')", ...fileOf('unit') },
    { name: 'a file of no category', code: "vi.mock('./mail.ts')", filename: 'src/a.test.ts' },
    {
      name: 'a spy that calls through',
      code: "const log = vi.spyOn(console, 'log'); expect(log).toHaveBeenCalled()",
      ...e2e,
    },
    { name: 'an empty function as a listener', code: "socket.on('message', vi.fn())", ...e2e },
    { name: 'a type of a mocking module', code: "import type { Scope } from 'nock'", ...e2e },
    { name: 'a method of that name of something else', code: "cart.mock('x'); mock.method(a, 'b')", ...e2e },
    {
      name: 'modules of others in integration tests',
      code: "vi.mock('stripe'); vi.spyOn(stripe, 'pay').mockReturnValue(1)",
      ...integration,
    },
    {
      name: 'objects of others',
      code: "import s from 'stripe'; vi.spyOn(s, 'pay').mockReturnValue(1)",
      ...integration,
    },
    { name: 'allowed by the options', code: "vi.mock('a')", options: [{ forbidIn: [] }], ...e2e },
  ],
  invalid: [
    { code: "vi.mock('./mail.ts')", errors: [mock('vi.mock')], ...e2e },
    { code: "vi.doMock(import('./mail.ts'))", errors: [mock('vi.doMock')], ...e2e },
    { code: "jest.unstable_mockModule('a', () => ({}))", errors: [mock('jest.unstable_mockModule')], ...e2e },
    { code: "vi.spyOn(mail, 'send').mockImplementation(() => 1)", errors: [mock('.mockImplementation')], ...e2e },
    { code: 'const send = vi.fn().mockResolvedValueOnce(1)', errors: [mock('.mockResolvedValueOnce')], ...e2e },
    { code: "vi.stubGlobal('fetch', () => answer)", errors: [mock('vi.stubGlobal')], ...e2e },
    {
      code: "import { mock } from 'node:test'; mock.method(db, 'query', () => 1)",
      errors: [mock('mock.method')],
      ...e2e,
    },
    { code: "test('x', (t) => { t.mock.module('a') })", errors: [mock('t.mock.module')], ...e2e },
    {
      code: "await page.route('**/api', (route) => route.fulfill({ body: '' }))",
      errors: [mock('route.fulfill')],
      ...e2e,
    },
    {
      code: "import sinon from 'sinon'",
      errors: [{ messageId: 'module', data: { module: 'sinon', category: 'e2e' } }],
      ...e2e,
    },
    { code: "import { setupServer } from 'msw/node'", errors: [{ messageId: 'module' }], ...e2e },
    { code: "const nock = require('nock')", errors: [{ messageId: 'module' }], ...e2e },
    { code: "const nock = await import('nock')", errors: [{ messageId: 'module' }], ...e2e },
    {
      code: "import f from '@acme/fakes'",
      options: [{ modules: ['@acme/fakes'] }],
      errors: [{ messageId: 'module' }],
      ...e2e,
    },
    {
      name: 'a header counts as a folder does',
      code: "/** @category mission_critical */\nvi.mock('a')",
      filename: 'src/pay.test.ts',
      errors: [mock('vi.mock', 'mission_critical')],
    },
    { code: "vi.mock('../src/users.ts')", errors: [ownCode('vi.mock')], ...integration },
    { code: "vi.mock(import('./users.ts'), () => ({}))", errors: [ownCode('vi.mock')], ...integration },
    { code: "vi.mock('@acme/users')", settings: ownPackages, errors: [ownCode('vi.mock')], ...integration },
    {
      code: "import * as users from './users.ts'\nvi.spyOn(users, 'find').mockReturnValue(1)",
      errors: [ownCode('.mockReturnValue')],
      ...integration,
    },
    {
      code: "import { find } from '#users'\nvi.mocked(find).mockReturnValue(1)",
      errors: [ownCode('.mockReturnValue')],
      ...integration,
    },
    {
      code: "import { mock } from 'node:test'; import { Users } from './users.ts'\nmock.method(Users.prototype, 'find', () => 1)",
      errors: [ownCode('mock.method')],
      ...integration,
    },
  ],
})
