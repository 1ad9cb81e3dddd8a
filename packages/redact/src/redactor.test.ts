import { gzipSync } from 'node:zlib'

import { describe, expect, it } from 'vitest'

import { placeholderText } from './placeholders.ts'
import { RedactError } from './redact-error.ts'
import { createRedactor, type Redactor } from './redactor.ts'

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')
const jwt = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode({ sub: '42', email: 'a@b.example', iss: 'https://id.example', exp: 1, name: 'Ann', roles: ['admin'] })}.SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c`

function body(redactor: Redactor, text: string, type = 'application/json'): string {
  return Buffer.from(redactor.body(Buffer.from(text), type, 'request').bytes).toString('utf8')
}

describe('headers', () => {
  it('lose their credentials and keep the scheme word', () => {
    const redactor = createRedactor()
    expect(
      redactor.headers(
        [
          ['Authorization', `Bearer ${jwt}`],
          ['Proxy-Authorization', `Basic ${Buffer.from('ann:s3cret-pass').toString('base64')}`],
          ['X-API-Key', 'k-1'],
          ['X-Amz-Security-Token', 'tok'],
          ['X-CSRF-Token', 'c'],
          ['X-My-Refresh-Token', 'r'],
          ['Authorization', 'plainvalue'],
        ],
        'request',
      ),
    ).toEqual([
      ['Authorization', 'Bearer {{secret.1}}'],
      ['Proxy-Authorization', 'Basic {{secret.2}}'],
      ['X-API-Key', '{{secret.3}}'],
      ['X-Amz-Security-Token', '{{secret.4}}'],
      ['X-CSRF-Token', '{{secret.5}}'],
      ['X-My-Refresh-Token', '{{secret.6}}'],
      ['Authorization', '{{secret.7}}'],
    ])
    // The password inside the Basic credentials is known from then on.
    expect(redactor.text('it was s3cret-pass', 'log')).toBe('it was {{secret.8}}')
  })

  it('replaces cookies value by value and keeps attributes', () => {
    const redactor = createRedactor()
    expect(
      redactor.headers(
        [
          ['Set-Cookie', 'sid=abc; Path=/; Expires=Wed, 21 Oct 2026 07:28:00 GMT; HttpOnly'],
          ['Cookie', 'theme="dark"; sid=abc; empty='],
          ['Set-Cookie', 'sid=; Max-Age=0'],
        ],
        'response',
      ),
    ).toEqual([
      ['Set-Cookie', 'sid={{secret.1}}; Path=/; Expires=Wed, 21 Oct 2026 07:28:00 GMT; HttpOnly'],
      ['Cookie', 'theme="{{secret.2}}"; sid={{secret.1}}; empty='],
      ['Set-Cookie', 'sid=; Max-Age=0'],
    ])
  })

  it('looks into URLs, and into plain values for known forms', () => {
    const redactor = createRedactor()
    expect(
      redactor.headers(
        [
          ['Location', '/done?token=abc123&x=1'],
          ['Referer', 'https://ann:pw@host/a#access_token=zzz'],
          ['X-Debug', `saw ${jwt}`],
        ],
        'response',
      ),
    ).toEqual([
      ['Location', '/done?token={{secret.1}}&x=1'],
      ['Referer', 'https://ann:{{secret.3}}@host/a#access_token={{secret.2}}'],
      ['X-Debug', 'saw {{secret.4}}'],
    ])
  })

  it('looks for keys in plain values, and for parameters in paths', () => {
    const redactor = createRedactor()
    expect(redactor.headers([['X-Debug', 'user=a; password=b-1']], 'request')).toEqual([
      ['X-Debug', 'user=a; password={{secret.1}}'],
    ])
    expect(redactor.target('/shop;jsessionid=1A530637?a=;password=x', 'request')).toBe(
      '/shop;jsessionid={{secret.2}}?a=;password=x',
    )
    expect(redactor.target('/shop;v=1;token=abc-1', 'request')).toBe('/shop;v=1;token={{secret.3}}')
  })

  it('gives the same list back when nothing is secret', () => {
    const list = [
      ['Host', 'localhost'],
      ['ETag', '"5d41402abc4b2a76b9719d911017c592"'],
      ['X-Request-Id', 'b7e23ec2-9af1-4d3c-8a5e-0d3f2c1b4a5f'],
    ] as const
    expect(createRedactor().headers(list, 'request')).toBe(list)
  })

  it('takes configured names', () => {
    const redactor = createRedactor({ headers: ['X-Tenant'] })
    expect(redactor.headers([['x-tenant', 'acme']], 'request')).toEqual([['x-tenant', '{{secret.1}}']])
  })
})

describe('a JSON body', () => {
  it('changes only in the ranges of its secrets', () => {
    const redactor = createRedactor()
    const text = '{ "big": 12345678901234567890, "b":1.0e5,\n  "password" : "p\\"x", "z": [1,2 ], "pin": 1234 }\n'
    expect(body(redactor, text)).toBe(
      '{ "big": 12345678901234567890, "b":1.0e5,\n  "password" : "{{secret.1}}", "z": [1,2 ], "pin": "{{secret.2}}" }\n',
    )
    expect(redactor.value(1)).toBe('p"x')
    expect(redactor.secrets()[1]).toEqual({ number: 2, kind: 'pin field (number)', firstSeen: 'request' })
  })

  it('is found secret at any depth, in arrays, and below value keys', () => {
    const redactor = createRedactor()
    expect(
      body(redactor, '{"a":[{"b":{"client_secret":"one"}}],"tokens":["two"],"token":{"value":"three","type":"x"}}'),
    ).toBe(
      '{"a":[{"b":{"client_secret":"{{secret.1}}"}}],"tokens":["{{secret.2}}"],"token":{"value":"{{secret.3}}","type":"x"}}',
    )
  })

  it.each([
    '{"token_count":5,"token":null,"next_page_token":"abc","max_tokens":100}',
    '{"password":"","secret":"***","token":true,"tokens":12}',
    '{"id":"b7e23ec2-9af1-4d3c-8a5e-0d3f2c1b4a5f","sha":"5d41402abc4b2a76b9719d911017c592"}',
    '{"errors":{"password":["must have 8 characters"]}}',
    '{"card":{"id":4},"number":"12","pin":7,"author":"x","authority":"y","passenger":"z","compass":"n"}',
    '{"id":4111111111111111,"x":-0.4111111111111111,"y":[4111111111111111]}',
    '{"at":"1700000000000000","snowflake":"175928847299117063","session_id":"session-12345"}',
  ])('is left alone where nothing is secret: %s', (text) => {
    const bytes = Buffer.from(text)
    expect(createRedactor().body(bytes, 'application/json', 'response')).toEqual({ bytes, safe: true })
  })

  it('is followed into strings that hold JSON, text or escapes', () => {
    const redactor = createRedactor()
    const text = JSON.stringify({
      inner: JSON.stringify({ password: 'deep' }),
      query: 'mutation { login(password: "typed-1") }\n',
      command: 'mysql --password=cmdline9',
    })
    expect(JSON.parse(body(redactor, text))).toEqual({
      inner: '{"password":"{{secret.1}}"}',
      query: 'mutation { login(password: "{{secret.2}}") }\n',
      command: 'mysql --password={{secret.3}}',
    })
    expect(body(redactor, '{"p\\u0061ssword":"hidden"}')).toBe('{"p\\u0061ssword":"{{secret.4}}"}')
  })

  it('shares numbers with headers', () => {
    const redactor = createRedactor()
    expect(body(redactor, `{"access_token":"${jwt}"}`)).toBe('{"access_token":"{{secret.1}}"}')
    expect(redactor.headers([['Authorization', `Bearer ${jwt}`]], 'request')[0]?.[1]).toBe('Bearer {{secret.1}}')
    expect(body(redactor, '{"authorization":"Bearer tok-77-x"}')).toBe('{"authorization":"Bearer {{secret.2}}"}')
  })

  it('is replaced at configured paths, exactly', () => {
    const redactor = createRedactor({ jsonPaths: ['$.user.name', 'items[*].code', 'm["a.b"]', 'whole'] })
    const text =
      '{"user":{"name":"Ann","x":{"name":"B"}},"items":[{"code":1},{"code":"c"}],"m":{"a.b":"d"},"whole":{"p":["q",2]}}'
    expect(JSON.parse(body(redactor, text))).toEqual({
      user: { name: '{{secret.1}}', x: { name: 'B' } },
      items: [{ code: '{{secret.2}}' }, { code: '{{secret.3}}' }],
      m: { 'a.b': '{{secret.4}}' },
      whole: { p: ['{{secret.5}}', '{{secret.6}}'] },
    })
  })

  it('is redacted when it is broken, and unsafe only when it is cut inside what may be a secret', () => {
    const redactor = createRedactor()
    const run = (text: string) => {
      const { bytes, safe } = redactor.body(Buffer.from(text), 'application/json', 'request')
      return [Buffer.from(bytes).toString(), safe]
    }
    expect(run('{"type": "adventure", ')).toEqual(['{"type": "adventure", ', true])
    expect(run('{"password":"hunt')).toEqual(['{"password":"{{secret.1}}', true])
    expect(run('{"note":"eyJhbGciOiJI')).toEqual(['{"note":"eyJhbGciOiJI', false])
    expect(run("{password: 'single-q1'}")).toEqual(["{password: '{{secret.2}}'}", true])
  })

  it('escapes what only looks like a placeholder', () => {
    const redactor = createRedactor()
    expect(
      body(redactor, '{"note":"{{secret.1}}","password":"{{secret.2}}","inner":"{\\"a\\":\\"{{secret.3}}\\"}"}'),
    ).toBe('{"note":"{{secret.!1}}","password":"{{secret.!2}}","inner":"{\\"a\\":\\"{{secret.!3}}\\"}"}')
    expect(redactor.secretCount).toBe(0)
  })
})

describe('bodies of other kinds', () => {
  it('redacts forms and remembers the decoded value', () => {
    const redactor = createRedactor()
    expect(
      body(
        redactor,
        'user=a&password=b%26c+d&card=4111111111111111&grant_type=x&code=q1',
        'application/x-www-form-urlencoded',
      ),
    ).toBe('user=a&password={{secret.1}}&card={{secret.2}}&grant_type=x&code={{secret.3}}')
    expect(redactor.value(1)).toBe('b&c d')
  })

  it('redacts multipart parts by name and by type', () => {
    const redactor = createRedactor()
    const part = (head: string, content: string) =>
      `--X\r\nContent-Disposition: form-data; ${head}\r\n\r\n${content}\r\n`
    const json = 'name="meta"\r\nContent-Type: application/json'
    const text = `${part('name="password"', 'abc')}${part(json, '{"secret":"s1"}')}${part('name="f"; filename="a.txt"', 'hello')}${part('name="token"', '{{secret.9}}')}--X--\r\n`
    expect(body(redactor, text, 'multipart/form-data; boundary=X')).toBe(
      `${part('name="password"', '{{secret.1}}')}${part(json, '{"secret":"{{secret.2}}"}')}${part('name="f"; filename="a.txt"', 'hello')}${part('name="token"', '{{secret.!9}}')}--X--\r\n`,
    )
    expect(body(redactor, 'no parts password=inside1', 'multipart/form-data; boundary=X')).toContain('{{secret.3}}')
    expect(body(redactor, 'password=inside1', 'multipart/form-data')).toContain('{{secret.3}}')
  })

  it('redacts XML, HTML and NDJSON', () => {
    const redactor = createRedactor()
    expect(
      body(
        redactor,
        '<a><wsse:Password Type="x">one</wsse:Password><token/><secret><![CDATA[two]]></secret></a>',
        'text/xml',
      ),
    ).toBe(
      '<a><wsse:Password Type="x">{{secret.1}}</wsse:Password><token/><secret><![CDATA[{{secret.2}}]]></secret></a>',
    )
    expect(body(redactor, '<input type="hidden" name="csrf_token" value="three"><p>password</p>', 'text/html')).toBe(
      '<input type="hidden" name="csrf_token" value="{{secret.3}}"><p>password</p>',
    )
    expect(body(redactor, '{"password":"a-1"}\n{"password":"b-2"}\n', 'application/x-ndjson')).toBe(
      '{"password":"{{secret.4}}"}\n{"password":"{{secret.5}}"}\n',
    )
  })

  it('searches binary bytes, and calls them unsafe where something is found or cannot be searched', () => {
    const redactor = createRedactor()
    redactor.headers([['X-Api-Key', 'Zx9-distinct-key']], 'request')
    const binary = (text: string) => Buffer.concat([Buffer.from([0, 255, 1, 254]), Buffer.from(text)])
    const safe = (bytes: Buffer, type?: string) => redactor.body(bytes, type, 'response').safe
    expect(safe(binary('nothing here'))).toBe(true)
    expect(safe(binary('Zx9-distinct-key'))).toBe(false)
    expect(safe(binary('AKIAIOSFODNN7EXAMPLE'))).toBe(false)
    expect(safe(Buffer.from('\0Zx9-distinct-key\0', 'utf16le'))).toBe(false)
    expect(safe(Buffer.from('Zx9-distinct-key', 'utf16le'), 'text/plain; charset=utf-16')).toBe(false)
    expect(safe(Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3]), 'application/gzip')).toBe(false)
    expect(safe(Buffer.alloc(0))).toBe(true)
    expect(safe(Buffer.from('a\u0001b', 'utf8'), 'application/octet-stream')).toBe(true)
  })

  it('looks into gzip, once and within bounds', () => {
    const redactor = createRedactor()
    redactor.headers([['X-Api-Key', 'Zx9-distinct-key']], 'request')
    const packed = (content: string | Buffer) => gzipSync(content)
    const safe = (bytes: Buffer) => redactor.body(bytes, 'application/octet-stream', 'response').safe
    const clean = packed(`package.json\0\0\0{"name":"tiny-tap","version":"1.0.0"}`)
    expect(redactor.body(clean, 'application/gzip', 'response')).toEqual({ bytes: clean, safe: true })
    expect(safe(packed('a.txt\0\0\0Zx9-distinct-key'))).toBe(false)
    expect(safe(packed('{"password":"from-a-file"}'))).toBe(false)
    expect(safe(packed(packed('nothing here')))).toBe(false)
    expect(safe(packed(Buffer.alloc(64 * 1024 * 1024)))).toBe(false)
    expect(safe(clean.subarray(0, clean.length - 9))).toBe(false)
    expect(safe(Buffer.concat([clean, Buffer.from('PK')]))).toBe(false)
  })

  it('keeps bytes of other encodings', () => {
    const redactor = createRedactor()
    const bytes = Buffer.from('{"name":"Jos\u00e9","password":"g\u00e4h1"}', 'latin1')
    expect(Buffer.from(redactor.body(bytes, 'application/json', 'request').bytes).toString('latin1')).toBe(
      '{"name":"Jos\u00e9","password":"{{secret.1}}"}',
    )
    const utf8 = body(redactor, '{"name":"Jos\u00e9","password":"g\u00e4h2"}')
    expect(utf8).toBe('{"name":"Jos\u00e9","password":"{{secret.2}}"}')
  })
})

describe('known forms', () => {
  const random = 'aB3dE5gH7jK9mN1pQ3sT5vW7yZ9bC1eF3hJ5kL7n'
  it.each([
    ['JWT', jwt],
    ['AWS access key', 'AKIAIOSFODNN7EXAMPLE'],
    ['GitHub token', `ghp_${random.slice(0, 36)}`],
    ['GitHub token', `github_pat_${random}${random}`],
    ['GitLab token', `glpat-${random.slice(0, 20)}`],
    ['Slack token', `xoxb-1234567890-${random.slice(0, 24)}`],
    ['Stripe key', `sk_live_${random.slice(0, 24)}`],
    ['OpenAI key', `sk-${random}`],
    ['Anthropic key', `sk-ant-api03-${random}`],
    ['Google API key', `AIza${random.slice(0, 35)}`],
    ['Google token', `ya29.${random}`],
    ['npm token', `npm_${random.slice(0, 36)}`],
    ['PyPI token', `pypi-${random}${random}`],
    ['SendGrid key', `SG.${random.slice(0, 22)}.${random}abc`],
    ['Twilio key', `SK${'0123456789abcdef'.repeat(2)}`],
    ['card number', '4111111111111111'],
    ['card number', '4111 1111 1111 1111'],
    ['card number', '5500-0000-0000-0004'],
    ['card number', '378282246310005'],
    ['card number', '30569309025904'],
    ['private key', '-----BEGIN RSA PRIVATE KEY-----\nMIIEow\nabc\n-----END RSA PRIVATE KEY-----'],
  ])('%s is found in running text', (kind, value) => {
    const redactor = createRedactor()
    expect(redactor.text(`before ${value} after, again (${value}).`, 'log')).toBe(
      'before {{secret.1}} after, again ({{secret.1}}).',
    )
    expect(redactor.secrets()[0]?.kind).toBe(kind)
  })

  it.each([
    'ghp_short',
    'AKIAshort',
    'task-management-and-more-words-here',
    'AKIAIOSFODNN7EXAMPLELONGER',
    '4111111111111112',
    '4111 1111 1111 1112',
    '1234 5678',
    'sky SKU key-value eyJ eyJhbGci.x SG.1 ya29 http://host:80/a@b x://y@z x://:@z',
    'SKzz23456789abcdef0123456789abcdef',
    '-----BEGIN CERTIFICATE-----\nMII\n-----END CERTIFICATE-----',
  ])('%s is none', (text) => {
    expect(createRedactor().text(text, 'log')).toBe(text)
  })

  it('cuts a key block that does not end', () => {
    expect(createRedactor().text('x -----BEGIN PRIVATE KEY-----\nMIIE', 'log')).toBe('x {{secret.1}}')
    expect(createRedactor().text('x -----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRI', 'log')).toBe('x {{secret.1}}')
  })

  it('takes the password out of a URL', () => {
    const redactor = createRedactor()
    expect(redactor.text('postgres://app:p4ss@w0rd@db:5432/x and amqp://u:p@h, http://${USER}:${PASS}@h', 'log')).toBe(
      'postgres://app:{{secret.1}}@db:5432/x and amqp://u:{{secret.2}}@h, http://${USER}:${PASS}@h',
    )
  })
})

describe('a secret that was seen', () => {
  it('is replaced wherever it turns up, encoded too', () => {
    const redactor = createRedactor()
    body(redactor, '{"password":"Tr0ub4dor&3/x"}')
    expect(redactor.text('echo Tr0ub4dor&3/x', 'log')).toBe('echo {{secret.1}}')
    expect(redactor.target(`/a/${encodeURIComponent('Tr0ub4dor&3/x')}`, 'request')).toBe('/a/{{secret.1}}')
    for (const around of ['', 'a', 'ab', 'abc']) {
      const encoded = Buffer.from(`${around}:Tr0ub4dor&3/x:z`).toString('base64')
      expect(redactor.text(`got ${encoded} here`, 'log')).toMatch(/^got \{\{secret\.\d+\}\} here$/)
      expect(redactor.text(`got ${encoded.replaceAll('+', '-').replaceAll('/', '_')} here`, 'log')).toMatch(
        /^got \{\{secret\.\d+\}\} here$/,
      )
    }
  })

  it('is not looked for when it is an ordinary word or part of a longer one', () => {
    const redactor = createRedactor()
    body(redactor, '{"password":"adventure"}')
    body(redactor, '{"password":"admin123"}')
    expect(redactor.text('an adventure, admin1234, and admin123.', 'log')).toBe(
      'an adventure, admin1234, and {{secret.2}}.',
    )
  })

  it('goes whole when it holds another one', () => {
    const redactor = createRedactor()
    redactor.headers([['X-Api-Key', 'inner-key-123456']], 'request')
    redactor.headers([['X-Api-Key', 'outer inner-key-123456 tail-9']], 'request')
    expect(redactor.seen('a outer inner-key-123456 tail-9 b', 'log')).toBe('a {{secret.2}} b')
  })

  it('leaves no rest where it overlaps another one', () => {
    const redactor = createRedactor()
    redactor.headers([['X-Api-Key', 'alpha-beta-123456']], 'request')
    redactor.headers([['X-Api-Key', '123456-gamma-delta']], 'request')
    expect(redactor.seen('a alpha-beta-123456-gamma-delta b', 'log')).toBe('a {{secret.1}}{{secret.2}} b')
  })

  it('is what `seen` looks for, and nothing else', () => {
    const redactor = createRedactor()
    redactor.headers([['X-Api-Key', 'inner-key-123456']], 'request')
    expect(redactor.seen('password=other99 inner-key-123456', 'log')).toBe('password=other99 {{secret.1}}')
    expect(redactor.seen('nothing', 'log')).toBe('nothing')
  })
})

describe('text', () => {
  it('keeps placeholders and is the same after a second time', () => {
    const redactor = createRedactor()
    const once = redactor.text('password=hunter22 Authorization: Bearer tok-1234 {"api_key": "zz-1"}', 'log')
    expect(once).toBe('password={{secret.1}} Authorization: Bearer {{secret.2}} {"api_key": "{{secret.3}}"}')
    expect(redactor.text(once, 'log')).toBe(once)
  })

  it.each([
    ["export DB_PASSWORD='s3cr3t!'", "export DB_PASSWORD='{{secret.1}}'"],
    ['spring.datasource.password=abc1', 'spring.datasource.password={{secret.1}}'],
    ['Cookie: a=1; b=2\nnext', 'Cookie: a={{secret.1}}; b={{secret.2}}\nnext'],
    ['Set-Cookie: a=1; Path=/', 'Set-Cookie: a={{secret.1}}; Path=/'],
    ['token: abcdef123456', 'token: {{secret.1}}'],
    ['token: expected a string', 'token: expected a string'],
    ['cookie: monster', 'cookie: monster'],
    ['password: string', 'password: string'],
    ['{"pin":1234,"cvv": 12}', '{"pin":"{{secret.1}}","cvv": 12}'],
    ['{\\"password\\":\\"esc-1\\",\\"a\\":1}', '{\\"password\\":\\"{{secret.1}}\\",\\"a\\":1}'],
    ['password => "hash-1"', 'password => "{{secret.1}}"'],
    ['password = (x)', 'password = (x)'],
    ['password=', 'password='],
    ['passwords are hard', 'passwords are hard'],
  ])('%s', (text, expected) => {
    expect(createRedactor().text(text, 'log')).toBe(expected)
  })
})

describe('options', () => {
  it('off means that everything passes', () => {
    const redactor = createRedactor({ enabled: false })
    const bytes = Buffer.from('{"password":"x"}')
    const list = [['Authorization', 'Bearer x']] as const
    expect(redactor.headers(list, 'request')).toBe(list)
    expect(redactor.body(bytes, 'application/json', 'request')).toEqual({ bytes, safe: true })
    expect(redactor.target('/?token=x', 'request')).toBe('/?token=x')
    expect(redactor.text('password=x', 'log')).toBe('password=x')
    expect(redactor.seen('password=x', 'log')).toBe('password=x')
    expect(redactor.stream('log').push(bytes)).toBe(bytes)
    expect(redactor.stream('log').flush()).toHaveLength(0)
    expect([redactor.enabled, redactor.secretCount, redactor.secrets(), redactor.value(1)]).toEqual([
      false,
      0,
      [],
      undefined,
    ])
  })

  it('take patterns, with a group for the secret', () => {
    const redactor = createRedactor({ patterns: ['emp-(\\d{4})', 'ZZ+'], keys: ['nickname'] })
    expect(redactor.text('emp-1234 ZZZ', 'log')).toBe('emp-{{secret.1}} {{secret.2}}')
    expect(body(redactor, '{"nick_name":"bo","a":"emp-1234"}')).toBe(
      '{"nick_name":"{{secret.3}}","a":"emp-{{secret.1}}"}',
    )
    expect(redactor.headers([['X-Who', 'emp-9999']], 'request')).toEqual([['X-Who', 'emp-{{secret.4}}']])
  })

  it('that cannot be used are refused with a code', () => {
    const refused = (make: () => unknown) => {
      try {
        make()
      } catch (error) {
        return error instanceof RedactError ? error.code : error
      }
      return undefined
    }
    expect(refused(() => createRedactor({ patterns: ['(?=x)'] }))).toBe('KEPLOY_REDACT_PATTERN')
    for (const path of ['', '$', 'a..b', 'a[', 'a[x]', 'a.', 'a["b']) {
      expect(
        refused(() => createRedactor({ jsonPaths: [path] })),
        path,
      ).toBe('KEPLOY_REDACT_PATH')
    }
  })

  it('take values that no encoding has', () => {
    const redactor = createRedactor()
    expect(body(redactor, '{"password":"\\ud800Half-1"}')).toBe('{"password":"{{secret.1}}"}')
  })

  it('number from where a set ends', () => {
    const redactor = createRedactor({ firstNumber: 8 })
    expect(body(redactor, '{"password":"x-1"}')).toBe('{"password":"{{secret.8}}"}')
    expect(redactor.value(8)).toBe('x-1')
    expect(redactor.secretCount).toBe(1)
  })
})

describe('a token', () => {
  it('keeps its header and what says nothing about a person', () => {
    const redactor = createRedactor()
    redactor.headers([['Authorization', `Bearer ${jwt}`]], 'request')
    expect(redactor.secrets()).toEqual([
      {
        number: 1,
        kind: 'JWT',
        firstSeen: 'request header Authorization',
        jwt: { header: { alg: 'HS256', typ: 'JWT' }, claims: { iss: 'https://id.example', exp: 1, roles: ['admin'] } },
      },
    ])
    expect(JSON.stringify(redactor.secrets())).not.toContain(jwt)
  })

  it.each(['eyJ.eyJ.x', `eyJhbGciOjF9.${encode({})}.x`, `${encode([1])}.eyJ.x`, encode({ alg: 'x' }), 'abc'])(
    'that only looks like one has no record: %s',
    (value) => {
      const redactor = createRedactor()
      redactor.headers([['X-Api-Key', value]], 'request')
      expect(redactor.secrets()[0]).not.toHaveProperty('jwt')
    },
  )
})

it('forgets the values of very old secrets, and keeps their numbers', () => {
  const redactor = createRedactor()
  const long = (i: number) => `${'x'.repeat(70)}-${i}`
  for (let i = 1; i <= 50_010; i++) redactor.headers([['X-Api-Key', long(i)]], 'request')
  expect(redactor.value(5)).toBeUndefined()
  expect(redactor.value(50_010)).toBe(long(50_010))
  expect(redactor.headers([['X-Api-Key', long(5)]], 'request')[0]?.[1]).toBe('{{secret.5}}')
})

it('the text of a placeholder is its number', () => {
  expect(placeholderText(3)).toBe('{{secret.3}}')
})

it('many names of headers and keys do not stay in memory for ever', () => {
  const redactor = createRedactor()
  for (let i = 0; i < 5000; i++) redactor.headers([[`X-${i}`, 'v']], 'request')
  body(redactor, JSON.stringify(Object.fromEntries(Array.from({ length: 5000 }, (_, i) => [`key-${i}`, 1]))))
  expect(redactor.headers([['X-Api-Key', 'k']], 'request')).toEqual([['X-Api-Key', '{{secret.1}}']])
})

describe('a secret that is told beforehand', () => {
  it('is replaced wherever it turns up, by the number of its recording', () => {
    const redactor = createRedactor()
    redactor.learn('live-value-77', { kind: 'JWT', number: 4 })
    redactor.learn('live-value-77', { kind: 'JWT', number: 9 })
    redactor.learn('another-value-78', { kind: 'API key' })
    redactor.learn('', { kind: 'nothing', number: 1 })
    expect(redactor.seen('a live-value-77 b', 'log')).toBe('a {{secret.4}} b')
    expect(redactor.headers([['X-Api-Key', 'live-value-77']], 'live')).toEqual([['X-Api-Key', '{{secret.4}}']])
    expect(redactor.text('token=not-seen-before', 'log')).toBe('token={{secret.5}}')
    expect(redactor.text('another-value-78', 'log')).toBe('{{secret.6}}')
    expect(redactor.value(4)).toBe('live-value-77')
  })

  it('and is short has its number where a key says what it is', () => {
    const redactor = createRedactor()
    redactor.learn('abc', { kind: 'password field', number: 2 })
    redactor.learn('42', { kind: 'pin field (number)', number: 3 })
    expect(redactor.text('abc 42', 'log')).toBe('abc 42')
    const body = redactor.body(Buffer.from('{"password":"abc","pin":"42"}'), 'application/json', 'live').bytes
    expect(Buffer.from(body).toString()).toContain('"password":"{{secret.2}}"')
  })

  it('is not kept when redaction is off', () => {
    const redactor = createRedactor({ enabled: false })
    redactor.learn('live-value-77', { kind: 'JWT', number: 4 })
    expect(redactor.seen('live-value-77', 'log')).toBe('live-value-77')
  })
})

describe('text of JSON that becomes a placeholder when it is decoded', () => {
  const redacted = (text: string): unknown => {
    const bytes = createRedactor().body(Buffer.from(text), 'application/json', 'x').bytes
    return JSON.parse(Buffer.from(bytes).toString())
  }

  it('is escaped like any other that looks like one', () => {
    expect(redacted(String.raw`{"a":"\u007b{secret.1}}","b":"{{\u0073ecret.1}}","\u007b{secret.3}}":1}`)).toEqual({
      a: '{{secret.!1}}',
      b: '{{secret.!1}}',
      '{{secret.!3}}': 1,
    })
    expect(
      redacted(String.raw`{"a":"\u007b{secret.1}} {{secret.2}} \u0022 \\u007b{secret.4}}","password":"pw-\u0041"}`),
    ).toEqual({
      a: String.raw`{{secret.!1}} {{secret.!2}} " \u007b{secret.4}}`,
      password: '{{secret.1}}',
    })
  })

  it('leaves other escapes as they were written', () => {
    const text = String.raw`{"a":"\u007b \u0041 {{secret.1}} \"\\\n\u00e9"}`
    const bytes = createRedactor().body(Buffer.from(text), 'application/json', 'x').bytes
    expect(Buffer.from(bytes).toString()).toBe(text.replace('secret.1', 'secret.!1'))
  })
})
