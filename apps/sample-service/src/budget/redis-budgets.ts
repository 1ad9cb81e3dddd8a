import { Redis } from 'ioredis'

import { UnavailableError } from '../bus/errors.ts'
import { redisOptions } from '../cache/redis-options.ts'
import {
  CHARGE_TTL_SECONDS,
  requireTokens,
  type BudgetManager,
  type Consumption,
  type TenantConfig,
} from './budget-manager.ts'

/**
 * Redis runs a script as one step: nobody reads a total that somebody else is about to change. Numbers are passed on as
 * text, because Lua would write large ones as 1e+15.
 */
const CONSUME = `
local used = redis.call('GET', KEYS[1]) or '0'
if ARGV[2] ~= '' and redis.call('EXISTS', KEYS[3]) == 1 then return { 1, used } end
local limit = redis.call('GET', KEYS[2])
if limit and tonumber(used) + tonumber(ARGV[1]) > tonumber(limit) then return { 0, used } end
redis.call('INCRBY', KEYS[1], ARGV[1])
if ARGV[2] ~= '' then redis.call('SET', KEYS[3], '1', 'EX', ARGV[2]) end
return { 1, redis.call('GET', KEYS[1]) }
`

/** Budgets in Redis, which all workers share. */
export class RedisBudgets implements BudgetManager, TenantConfig {
  readonly kind = 'Redis'
  readonly #redis: Redis & { consumeBudget?: (...args: (string | number)[]) => Promise<[number, string]> }

  constructor(url: string, onProblem: (error: Error) => void = () => {}) {
    this.#redis = new Redis(url, redisOptions)
    this.#redis.on('error', onProblem)
    // Sent as a whole once, and by its hash from then on.
    this.#redis.defineCommand('consumeBudget', { numberOfKeys: 3, lua: CONSUME })
  }

  /** Resolves when there is a connection. Rejects when the first try fails; more are made in the background. */
  async connect(): Promise<void> {
    await this.#redis.connect()
  }

  async consume(tenant: string, persona: string, tokens: number, charge?: string): Promise<Consumption> {
    requireTokens(tokens)
    const keys = [
      keyOf(tenant, 'used', persona),
      keyOf(tenant, 'limit'),
      // A command names all its keys beforehand, so there is one for the charge that is none.
      keyOf(tenant, 'charge', charge ?? ''),
    ]
    const remember = charge === undefined ? '' : CHARGE_TTL_SECONDS
    const [allowed, total] = await reached(this.#redis.consumeBudget!(...keys, tokens, remember))
    return { allowed: allowed === 1, total_tokens: Number(total) }
  }

  async usage(tenant: string, personas: readonly string[]): Promise<number[]> {
    if (personas.length === 0) return []
    const totals = await reached(this.#redis.mget(personas.map((persona) => keyOf(tenant, 'used', persona))))
    return totals.map(Number)
  }

  async setBudgetLimit(tenant: string, tokens: number | undefined): Promise<void> {
    const key = keyOf(tenant, 'limit')
    if (tokens === undefined) return void (await reached(this.#redis.del(key)))
    requireTokens(tokens)
    await reached(this.#redis.set(key, tokens))
  }

  async budgetLimit(tenant: string): Promise<number | undefined> {
    const limit = await reached(this.#redis.get(keyOf(tenant, 'limit')))
    return limit === null ? undefined : Number(limit)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#redis.disconnect()
  }
}

/** Names are encoded, so that no tenant can be called like a counter of another; braces keep a tenant on one shard. */
function keyOf(tenant: string, ...rest: string[]): string {
  return `budget:{${encodeURIComponent(tenant)}}:${rest.map(encodeURIComponent).join(':')}`
}

async function reached<Result>(command: Promise<Result>): Promise<Result> {
  try {
    return await command
  } catch (error) {
    throw new UnavailableError('Redis does not answer, so that no budget can be checked', { cause: error })
  }
}
