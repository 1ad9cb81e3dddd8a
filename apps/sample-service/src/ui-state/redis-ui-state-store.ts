import { Redis } from 'ioredis'

import { redisOptions } from '../cache/redis-options.ts'
import { nameOf, type UiStateKey, type UiStateStore } from './ui-state-store.ts'
import { UI_STATE_TTL_MS, type UiField, type UiState } from './ui-state.ts'

/**
 * `mergeUiStates` where the state is, so that two processes never overwrite each other. A state is a hash: `replaced_at`,
 * and `field:NAME` as `AT:JSON`. Lua compares texts by locale, so bytes are compared one by one.
 */
const MERGE = `
local function later(at, text, known)
  if not known then return true end
  local split = string.find(known, ':', 1, true)
  local known_at, known_text = tonumber(string.sub(known, 1, split - 1)), string.sub(known, split + 1)
  if at ~= known_at then return at > known_at end
  for i = 1, math.min(#text, #known_text) do
    local one, other = string.byte(text, i), string.byte(known_text, i)
    if one ~= other then return one > other end
  end
  return #text > #known_text
end

local state = KEYS[1]
local replaced = math.max(tonumber(redis.call('HGET', state, 'replaced_at') or '0'), tonumber(ARGV[1]))
redis.call('HSET', state, 'replaced_at', string.format('%.0f', replaced))
for i = 3, #ARGV, 3 do
  local field = 'field:' .. ARGV[i]
  if later(tonumber(ARGV[i + 1]), ARGV[i + 2], redis.call('HGET', state, field)) then
    redis.call('HSET', state, field, ARGV[i + 1] .. ':' .. ARGV[i + 2])
  end
end
local newest = replaced
local all = redis.call('HGETALL', state)
for i = 1, #all, 2 do
  if all[i] ~= 'replaced_at' then
    local at = tonumber(string.sub(all[i + 1], 1, string.find(all[i + 1], ':', 1, true) - 1))
    if at < replaced then redis.call('HDEL', state, all[i]) end
    newest = math.max(newest, at)
  end
end
redis.call('PEXPIREAT', state, string.format('%.0f', newest + tonumber(ARGV[2])))
return redis.call('HGETALL', state)
`

export interface RedisUiStateStoreOptions {
  url: string
  /** Told of every connection that was made. Redis may have forgotten everything before. */
  onConnected?: () => void
  onProblem?: (error: Error) => void
  ttlMs?: number
}

/** States in Redis, which all gateways share. Fails at once while Redis is away. */
export class RedisUiStateStore implements UiStateStore {
  readonly kind = 'Redis'
  readonly #redis: Redis & { mergeUiState?: (...args: (string | number)[]) => Promise<string[]> }
  readonly #ttlMs: number

  constructor({ url, onConnected, onProblem, ttlMs = UI_STATE_TTL_MS }: RedisUiStateStoreOptions) {
    this.#ttlMs = ttlMs
    this.#redis = new Redis(url, redisOptions)
    this.#redis.on('error', onProblem ?? (() => {}))
    if (onConnected) this.#redis.on('ready', onConnected)
    // Sent as a whole once, and by its hash from then on.
    this.#redis.defineCommand('mergeUiState', { numberOfKeys: 1, lua: MERGE })
  }

  /** Resolves when there is a connection. Rejects when the first try fails; more are made in the background. */
  async connect(): Promise<void> {
    await this.#redis.connect()
  }

  async merge(key: UiStateKey, state: UiState): Promise<UiState> {
    const fields = Object.entries(state.fields).flatMap(([name, { at, value }]) => [name, at, JSON.stringify(value)])
    const flat = await this.#redis.mergeUiState!(nameOf(key), state.replaced_at, this.#ttlMs, ...fields)
    const pairs = Array.from({ length: flat.length / 2 }, (_, index) => [flat[index * 2]!, flat[index * 2 + 1]!])
    return stateOf(Object.fromEntries(pairs) as Record<string, string>)
  }

  async read(key: UiStateKey): Promise<UiState> {
    return stateOf(await this.#redis.hgetall(nameOf(key)))
  }

  async ping(): Promise<void> {
    await this.#redis.ping()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#redis.disconnect()
  }
}

function stateOf({ replaced_at = '0', ...hash }: Record<string, string>): UiState {
  const fields = Object.entries(hash).map(([name, text]): [string, UiField] => {
    const split = text.indexOf(':')
    const value = JSON.parse(text.slice(split + 1)) as unknown
    return [name.slice('field:'.length), { at: Number(text.slice(0, split)), value }]
  })
  return { replaced_at: Number(replaced_at), fields: Object.fromEntries(fields) }
}
