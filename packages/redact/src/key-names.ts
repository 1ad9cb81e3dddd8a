/**
 * What a key says about its value. `password`: anything but a boolean or null is secret, numbers too. `token`: text is
 * secret, numbers are counts. `digits`: short codes, secret when they have enough digits. `card`: checked by Luhn.
 * `authorization`: a scheme word and credentials. `cookie`, `set-cookie`: pairs.
 */
export type KeyClass = 'password' | 'token' | 'digits' | 'card' | 'authorization' | 'cookie' | 'set-cookie'

// Names are compared in lower case with `_`, `-`, `.` and spaces taken out: `client_secret`, `clientSecret` and
// `Client-Secret` are one name.

/** Names whose value is secret, whole. */
const EXACT: Record<KeyClass, readonly string[]> = {
  password: [
    'password',
    'passwd',
    'passwrd',
    'pwd',
    'passphrase',
    'passcode',
    'passwort',
    'motdepasse',
    'contrasena',
    'userpass',
    'pgpassword',
    'mysqlpwd',
    'redispassword',
    'rediscliauth',
    'ssn',
    'socialsecuritynumber',
    'nationalid',
    'taxid',
    'securityanswer',
    'secretanswer',
  ],
  token: [
    'pass',
    'secret',
    'secrets',
    'token',
    'tokens',
    'jwt',
    'bearer',
    'apikey',
    'apikeys',
    'xapikey',
    'appkey',
    'authkey',
    'accesskey',
    'accesskeyid',
    'awsaccesskeyid',
    'secretkey',
    'secretaccesskey',
    'awssecretaccesskey',
    'privatekey',
    'signingkey',
    'encryptionkey',
    'masterkey',
    'sharedkey',
    'sessionkey',
    'licensekey',
    'clientassertion',
    'samlresponse',
    'samlrequest',
    'codeverifier',
    'credential',
    'credentials',
    'authtoken',
    'xauthtoken',
    'idtoken',
    'sessid',
    'phpsessid',
    'jsessionid',
    'connectsid',
    'csrf',
    'xsrf',
    'csrfmiddlewaretoken',
    'authenticitytoken',
    'requestverificationtoken',
    'connectionstring',
    'sig',
    'xamzsignature',
    'xamzcredential',
    'xgoogsignature',
    'xgoogcredential',
    'otpauth',
    'mnemonic',
    'seedphrase',
    'recoverycode',
    'backupcode',
    'accountkey',
    'sastoken',
    'webhooksecret',
    'cookiesecret',
  ],
  digits: [
    'pin',
    'pincode',
    'cvv',
    'cvc',
    'cvv2',
    'cvc2',
    'csc',
    'cardcvv',
    'cardcvc',
    'otp',
    'totp',
    'mfacode',
    'otpcode',
    'onetimecode',
    'onetimepassword',
    'verificationcode',
    'smscode',
  ],
  card: ['cardnumber', 'creditcard', 'creditcardnumber', 'ccnumber', 'ccnum', 'pan', 'card', 'debitcard', 'number'],
  authorization: ['authorization', 'proxyauthorization', 'xauthorization', 'authheader', 'wwwauthorization'],
  cookie: ['cookie', 'cookies'],
  'set-cookie': ['setcookie'],
}

/** Endings that make a longer name secret: `dbPassword`, `reset_token`, `STRIPE_SECRET_KEY`. */
const ENDINGS: readonly (readonly [string, KeyClass])[] = [
  ['password', 'password'],
  ['passwd', 'password'],
  ['passphrase', 'password'],
  ['passwordhash', 'password'],
  ['passwordconfirmation', 'password'],
  ['passwordconfirm', 'password'],
  ['passwordagain', 'password'],
  ['passwordrepeat', 'password'],
  ['passwordsalt', 'password'],
  ['passworddigest', 'password'],
  ['password1', 'password'],
  ['password2', 'password'],
  ['pwd', 'password'],
  ['secret', 'token'],
  ['token', 'token'],
  ['apikey', 'token'],
  ['secretkey', 'token'],
  ['privatekey', 'token'],
  ['accesskey', 'token'],
  ['accesskeyid', 'token'],
  ['signingkey', 'token'],
  ['encryptionkey', 'token'],
  ['clientkeydata', 'token'],
  ['jwt', 'token'],
  ['credential', 'token'],
  ['credentials', 'token'],
  ['connectionstring', 'token'],
]

/** Names that end like secrets and are none: positions in lists, formats, flags. */
const HARMLESS = new Set([
  'nextpagetoken',
  'pagetoken',
  'nexttoken',
  'previoustoken',
  'prevpagetoken',
  'previouspagetoken',
  'continuationtoken',
  'synctoken',
  'nextsynctoken',
  'pagingtoken',
  'skiptoken',
  'starttoken',
  'endtoken',
  'cursortoken',
  'hastoken',
  'haspassword',
  'requirespassword',
  'usepassword',
  'changepassword',
  'resetpassword',
  'forgotpassword',
  'mustchangepassword',
  'showpassword',
  'endoftexttoken',
  'eostoken',
  'bostoken',
  'padtoken',
  'unktoken',
  'stoptoken',
  'unexpectedtoken',
  'nextmarker',
  'cwd',
  'issecret',
  'nosecret',
  'withcredentials',
])

const exact = new Map<string, KeyClass>()
for (const [kind, names] of Object.entries(EXACT)) for (const name of names) exact.set(name, kind as KeyClass)

/** Below a secret key, these keys hold the secret itself: `"token": { "value": "…" }`. */
export const VALUE_KEYS: ReadonlySet<string> = new Set([
  'value',
  'raw',
  'data',
  'hash',
  'salt',
  'plain',
  'current',
  'old',
  'new',
  'text',
  'content',
])

/** A name as it is compared: lower case, without separators. */
export function normaliseKey(name: string): string {
  let plain = ''
  for (let i = 0; i < name.length; i++) {
    const c = name.charCodeAt(i)
    if (c >= 65 && c <= 90) plain += String.fromCharCode(c + 32)
    else if (c !== 95 && c !== 45 && c !== 46 && c !== 32 && c !== 91 && c !== 93) plain += name.charAt(i)
  }
  return plain
}

/** Longer keys are data, not names. */
const MAX_KEY = 64
/** How many names are remembered; keys in traffic are few, hostile ones must not fill memory. */
const MAX_CACHE = 4096

/** Tells what keys say about their values; remembers what it has seen, because the same few keys come again. */
export class KeyClasses {
  readonly #extra: ReadonlySet<string>
  readonly #cache = new Map<string, KeyClass | null>()

  constructor(extra: readonly string[] = []) {
    this.#extra = new Set(extra.map(normaliseKey))
  }

  of(name: string): KeyClass | undefined {
    const known = this.#cache.get(name)
    if (known !== undefined) return known ?? undefined
    if (name.length > MAX_KEY) return undefined
    const found = this.#classify(normaliseKey(name))
    if (this.#cache.size >= MAX_CACHE) this.#cache.clear()
    this.#cache.set(name, found ?? null)
    return found
  }

  #classify(plain: string): KeyClass | undefined {
    if (this.#extra.has(plain)) return 'password'
    if (HARMLESS.has(plain)) return undefined
    const whole = exact.get(plain)
    if (whole) return whole
    for (const [ending, kind] of ENDINGS) if (plain.endsWith(ending)) return kind
    return undefined
  }
}
