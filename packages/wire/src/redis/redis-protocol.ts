import type { Protocol } from '../protocol/protocol.ts'
import { idleOf } from './blocking.ts'
import { describe } from './describe.ts'
import { detectNamedRedis, detectRedis, detectRedisError } from './detect.ts'
import { matchKey } from './match-key.ts'
import { RedisMockServer } from './redis-mock-server.ts'
import { redisMocks } from './redis-mocks.ts'
import { RedisReader } from './redis-reader.ts'
import { RedisRewriter } from './redis-rewriter.ts'

/** Redis, and what speaks like it (Valkey, KeyDB, Dragonfly): RESP2 and RESP3. */
export const redisProtocol: Protocol = {
  name: 'redis',
  speaksFirst: 'client',
  detect: detectRedis,
  detectNamed: detectNamedRedis,
  detectServer: detectRedisError,
  createReader: (options, emit) => new RedisReader(options, emit),
  createMockServer: (options) => new RedisMockServer(options),
  createRewriter: (options) => new RedisRewriter(options),
  describe,
  match: { key: matchKey, idle: idleOf },
  mocks: redisMocks,
}
