import { tester } from '../testing/rule-tester.ts'
import { noIgnoredFailures } from './no-ignored-failures.ts'

const inTest = (code: string) => `test('a', async () => { ${code} })`
const reports = (code: string, messageId: string) => ({ code: inTest(code), errors: [{ messageId }] })

tester.run('no-ignored-failures', noIgnoredFailures, {
  valid: [
    inTest('expect(a).toBe(1); await expect(p).resolves.toBe(1); await expect.poll(f).toBe(1)'),
    inTest('try { expect(a).toBe(1) } finally { await close() }'),
    inTest('try { expect(a).toBe(1) } catch (error) { show(page); throw error }'),
    inTest('try { await work(); expect.fail() } catch (error) { expect(error.code).toBe(1) }'),
    inTest('try { expect(a).toBe(1) } catch (error) { failures.push(error) }'),
    inTest('try { expect(a).toBe(1) } catch (error) { if (error instanceof TypeError) return retry(); throw error }'),
    inTest('try { await stop() } catch {}'),
    inTest('try { run(() => expect(a).toBe(1)) } catch {}'),
    inTest('await stop().catch(() => {})'),
    inTest('await work().then((x) => expect(x).toBe(1)).catch((error) => { throw error })'),
    inTest('return expect(p).rejects.toThrow()'),
    inTest('const checked = expect(p).rejects.toThrow(); go(); await checked'),
    inTest('expect(a).to.be.true; expect(a).to.equal(1)'),
    inTest('expect(a || b).toBe(1); assert(a || b)'),
    inTest('expect(true).toBe(result); expect(1).not.toBe(1); expect.fail("no")'),
    '// The parser does not read dates yet (#12).\ntest.fails("a", () => {})',
    'test("a", () => {}) // fine',
  ],
  invalid: [
    reports('try { expect(a).toBe(1) } catch {}', 'swallowed'),
    reports('try { await work(); assert.equal(a, 1) } catch (error) { console.log(error) }', 'swallowed'),
    reports('try { if (a) { expect(a).toBe(1) } } catch (error) { return }', 'swallowed'),
    reports('await expect(p).resolves.toBe(1).catch(() => {})', 'dropped'),
    reports('await expect(p).resolves.toBe(1).catch(() => undefined)', 'dropped'),
    reports('await expect(p).resolves.toBe(1).catch(noop)', 'dropped'),
    reports('await work().then((x) => expect(x).toBe(1)).catch((error) => {})', 'dropped'),
    reports('expect(a)', 'noMatcher'),
    reports('expect(a).not', 'noMatcher'),
    reports('expect(a).toBe', 'noMatcher'),
    reports('await expect(p)', 'noMatcher'),
    {
      code: inTest('expect(p).rejects.toThrow()'),
      errors: [
        {
          messageId: 'notAwaited',
          suggestions: [{ messageId: 'await', output: inTest('await expect(p).rejects.toThrow()') }],
        },
      ],
    },
    { code: "test('a', () => { expect.poll(f).toBe(1) })", errors: [{ messageId: 'notAwaited' }] },
    { code: 'test.fails("a", () => {})', errors: [{ messageId: 'fails' }] },
    { code: '// @ts-expect-error\nit.failing("a", () => {})', errors: [{ messageId: 'fails' }] },
    { code: '// Another matter.\n\ntest.fails("a", () => {})', errors: [{ messageId: 'fails' }] },
    reports('expect(a === 1 || true).toBe(true)', 'alwaysTrue'),
    reports('assert(a || true)', 'alwaysTrue'),
    reports('expect(true).toBe(true)', 'alwaysTrue'),
    reports("expect('a').toEqual('a')", 'alwaysTrue'),
    reports('expect(true).toBeTruthy()', 'alwaysTrue'),
  ],
})
