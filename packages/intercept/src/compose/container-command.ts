/** A command that starts the service in a container, taken apart. */
export type ContainerCommand = RunCommand | ComposeCommand

/** `docker run …`. */
export interface RunCommand {
  readonly kind: 'run'
  /** What comes before the image: options are inserted behind it, so that they win over those that are there. */
  readonly before: readonly string[]
  /** The image and what follows. */
  readonly image: readonly string[]
  /** Values of `--env`, as written: `NAME=VALUE`, or `NAME` for that of this environment. */
  readonly variables: readonly string[]
  readonly envFiles: readonly string[]
  /** Values of `--publish`, as written. */
  readonly published: readonly string[]
  readonly name?: string
  readonly network?: string
  readonly detached: boolean
}

/** `docker compose up …` or `docker compose run …`, or the same of `docker-compose`. */
export interface ComposeCommand {
  readonly kind: 'compose'
  /** The program and its global options, without `--file`. */
  readonly program: readonly string[]
  readonly files: readonly string[]
  readonly action: 'up' | 'run'
  /** The options of the action, and what follows. */
  readonly rest: readonly string[]
  /** The services that are named. */
  readonly services: readonly string[]
  readonly detached: boolean
}

const ENGINES = /(?:^|[\\/])(?:docker|podman)(?:\.exe)?$/
const COMPOSE = /(?:^|[\\/])(?:docker|podman)-compose(?:\.exe)?$/

const ENGINE_VALUES = new Set(['--config', '-c', '--context', '-H', '--host', '-l', '--log-level'])
const COMPOSE_VALUES = new Set(
  '-p --project-name --env-file --project-directory --profile --ansi --progress --parallel -c --context -H --host --tlscacert --tlscert --tlskey --log-level'.split(
    ' ',
  ),
)
/** Options of `docker run` that stand alone; all others have a value. */
const RUN_FLAGS = new Set(
  '--detach --disable-content-trust --help --init --interactive --no-healthcheck --privileged --oom-kill-disable --publish-all --quiet --read-only --rm --sig-proxy --tty'.split(
    ' ',
  ),
)
/** What is none of the short flags that stand alone. */
const OTHER_LETTER = /[^ditPq]/
const UP_VALUES = new Set('--attach --exit-code-from --no-attach --pull --scale -t --timeout --wait-timeout'.split(' '))
const COMPOSE_RUN_VALUES = new Set(
  '--cap-add --cap-drop --entrypoint -e --env -l --label --name -p --publish --pull -u --user -v --volume -w --workdir --env-from-file'.split(
    ' ',
  ),
)

/**
 * Takes a command apart that starts a container: `docker run`, `docker compose up` and their like. Nothing for any other.
 *
 * @example
 * readContainerCommand(['docker', 'run', '-p', '8000:80', 'shop']) // { kind: 'run', before: [...], image: ['shop'], ... }
 */
export function readContainerCommand(command: readonly string[]): ContainerCommand | undefined {
  const [program = ''] = command
  if (COMPOSE.test(program)) return readCompose(command, 1)
  if (!ENGINES.test(program)) return undefined
  let at = skipOptions(command, 1, ENGINE_VALUES)
  if (command[at] === 'compose') return readCompose(command, at + 1)
  if (command[at] === 'container') at += 1
  return command[at] === 'run' ? readRun(command, at + 1) : undefined
}

/**
 * The words of a command line as a shell splits them; nothing where the shell does more than that (variables, pipes).
 *
 * @example
 * splitWords('docker run --name "my shop" shop') // ['docker', 'run', '--name', 'my shop', 'shop']
 */
export function splitWords(text: string): string[] | undefined {
  const words: string[] = []
  let word: string | undefined
  for (const [piece = ''] of text.matchAll(/\s+|'[^']*'|"[^"]*"|[^\s'"]+|['"]/g)) {
    if (piece.trim() === '') {
      if (word !== undefined) words.push(word)
      word = undefined
      continue
    }
    const quote = /^(['"])[^]*\1$/.test(piece) && piece.length > 1 ? piece[0] : undefined
    const inner = quote === undefined ? piece : piece.slice(1, -1)
    if (quote === undefined ? /[$`\\|&;<>()*?[\]#~'"]/.test(inner) : quote === '"' && /[$`\\]/.test(inner))
      return undefined
    word = (word ?? '') + inner
  }
  if (word !== undefined) words.push(word)
  return words
}

function readRun(command: readonly string[], start: number): RunCommand {
  const found: Record<'env' | 'env-file' | 'publish' | 'name' | 'network', string[]> = {
    env: [],
    'env-file': [],
    publish: [],
    name: [],
    network: [],
  }
  let detached = false
  let at = start
  for (; at < command.length; at++) {
    const word = command[at] ?? ''
    if (!word.startsWith('-') || word === '-') break
    if (word === '--') {
      at += 1
      break
    }
    const option = word.startsWith('--') ? longOption(word) : shortOption(word)
    if (option.flags.includes('d') || (option.name === '--detach' && option.value !== 'false')) detached = true
    if (option.name === undefined || RUN_FLAGS.has(option.name)) continue
    const value = option.value ?? command[++at] ?? ''
    const kind = { '-e': 'env', '--env': 'env', '--env-file': 'env-file', '-p': 'publish', '--publish': 'publish' }[
      option.name
    ]
    const single = { '--name': 'name', '--network': 'network', '--net': 'network' }[option.name]
    const list = found[(kind ?? single) as keyof typeof found] as string[] | undefined
    list?.push(value)
  }
  const end = command[at - 1] === '--' ? at - 1 : at
  const name = found.name.at(-1)
  const network = found.network.at(-1)
  return {
    kind: 'run',
    before: command.slice(0, end),
    image: command.slice(end),
    variables: found.env,
    envFiles: found['env-file'],
    published: found.publish,
    ...(name !== undefined && { name }),
    ...(network !== undefined && { network }),
    detached,
  }
}

interface Option {
  /** Nothing for short flags alone. */
  readonly name?: string
  readonly value?: string
  /** Short flags that stand together. */
  readonly flags: string
}

function longOption(word: string): Option {
  const equals = word.indexOf('=')
  return equals === -1
    ? { name: word, flags: '' }
    : { name: word.slice(0, equals), value: word.slice(equals + 1), flags: '' }
}

function shortOption(word: string): Option {
  const letters = word.slice(1)
  const last = letters.search(OTHER_LETTER)
  if (last === -1) return { flags: letters }
  const value = letters.slice(last + 1).replace(/^=/, '')
  return { name: `-${letters[last] ?? ''}`, flags: letters.slice(0, last), ...(value !== '' && { value }) }
}

function readCompose(command: readonly string[], start: number): ComposeCommand | undefined {
  const files: string[] = []
  const program = command.slice(0, start)
  let at = start
  for (; at < command.length; at++) {
    const word = command[at] ?? ''
    if (!word.startsWith('-')) break
    const attached = /^(?:-f=?|--file=)(.+)$/.exec(word)?.[1]
    if (attached !== undefined && !word.startsWith('--f=')) files.push(attached)
    else if (word === '-f' || word === '--file') files.push(command[++at] ?? '')
    else {
      program.push(word)
      if (COMPOSE_VALUES.has(word)) program.push(command[++at] ?? '')
    }
  }
  const action = command[at]
  if (action !== 'up' && action !== 'run') return undefined
  const rest = command.slice(at + 1)
  const values = action === 'up' ? UP_VALUES : COMPOSE_RUN_VALUES
  const named = skipOptions(rest, 0, values)
  const services = action === 'run' ? rest.slice(named, named + 1) : positionals(rest, values)
  const options = action === 'run' ? rest.slice(0, named) : rest
  return {
    kind: 'compose',
    program,
    files,
    action,
    rest,
    services,
    detached: options.some((word) => word === '--detach' || word === '--wait' || /^-[a-zA-Z]*d/.test(word)),
  }
}

function skipOptions(words: readonly string[], start: number, withValue: ReadonlySet<string>): number {
  let at = start
  while (at < words.length && (words[at] ?? '').startsWith('-')) at += withValue.has(words[at] ?? '') ? 2 : 1
  return at
}

function positionals(words: readonly string[], withValue: ReadonlySet<string>): string[] {
  const found: string[] = []
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? ''
    if (withValue.has(word)) at += 1
    else if (!word.startsWith('-')) found.push(word)
  }
  return found
}
