import { Cassette } from '../cassette/cassette.ts'
import { loadFormat } from '../cassette/load-format.ts'
import type { MatchOptions } from '../cassette/match-key.ts'
import { Budget } from '../cost/budget.ts'
import type { PriceTable } from '../cost/prices.ts'
import { LlmError } from '../llm-error.ts'
import type { Backend, Charge } from '../server/exchange.ts'
import { type LlmServer, type LlmServerOptions, startLlmServer } from '../server/llm-server.ts'
import { createBackend } from './backend.ts'

/** Where answers come from that no script gives. */
export type LlmMode = 'mock' | 'replay' | 'record' | 'live'

/** How a proxy is made. */
export interface LlmProxyOptions extends LlmServerOptions, MatchOptions {
  /**
   * `mock`: from nowhere, only scripts answer. `replay`: from the cassette, and a request that is not in it fails.
   * `record`: from the cassette, and what is not in it from the real API, which is then added. `live`: from the real API.
   */
  readonly mode: LlmMode
  /** The file of recordings, for `replay` and `record`. A Keploy `mocks.yaml`. */
  readonly cassette?: string
  /** Whether `record` throws away what the cassette has. Default: false. */
  readonly refresh?: boolean
  /** The base URL of the real API. Default: `https://api.openai.com/v1`. */
  readonly upstream?: string
  /** The key that is sent in place of the client's. Default: the client's. */
  readonly apiKey?: string | undefined
  /** US dollars; a request whose worst case does not fit is not sent. Default: no limit. */
  readonly budgetUsd?: number
  /** `recorded` keeps the pauses between the events of recorded streams. Default: `instant`. */
  readonly replayTiming?: 'instant' | 'recorded'
  /** Gets the table of costs when the server closes. Default: standard error in `record` and `live`, else nobody. */
  readonly onReport?: (report: string) => void
}

/**
 * Starts a server that stands between a program in any language and the real API: it records, replays, counts costs and
 * keeps a budget. Scripts go first in every mode, so that faults can be put in front of real answers.
 *
 * @throws {LlmError} `KEPLOY_LLM_OPTION`, `KEPLOY_LLM_CASSETTE`, `KEPLOY_LLM_LISTEN`
 * @example
 * await using llm = await createLlmProxy({ mode: 'replay', cassette: 'keploy/llm/mocks.yaml' })
 * const client = new OpenAI({ baseURL: llm.baseUrl, apiKey: 'any' })
 */
export async function createLlmProxy(options: LlmProxyOptions): Promise<LlmServer> {
  const { mode } = options
  if (mode === 'mock') return startLlmServer(options)
  if (mode !== 'replay' && mode !== 'record' && mode !== 'live') {
    throw new LlmError('KEPLOY_LLM_OPTION', `mode is ${String(mode)}, but has to be mock, replay, record or live.`)
  }
  const base = checkUpstream(options.upstream ?? 'https://api.openai.com/v1')
  const budget = options.budgetUsd === undefined ? undefined : new Budget(options.budgetUsd)
  const cassette = mode === 'live' ? undefined : await openCassette(options, mode)
  const undici = mode === 'replay' ? undefined : await import('undici')
  const dispatcher = undici === undefined ? undefined : new undici.Agent({ connections: 64 })
  const backend = (charge: Charge, prices: PriceTable): Backend =>
    createBackend({
      mode,
      cassette,
      charge,
      timing: options.replayTiming ?? 'instant',
      upstream:
        undici === undefined || dispatcher === undefined
          ? undefined
          : {
              base,
              apiKey: options.apiKey,
              dispatcher,
              request: undici.request,
              budget,
              prices,
              charge,
              now: options.now ?? Date.now,
            },
      close: async () => {
        await cassette?.flush()
        await dispatcher?.destroy()
      },
    })
  const toStderr = (report: string): void => void process.stderr.write(report)
  const onReport = options.onReport ?? (mode === 'replay' ? undefined : toStderr)
  return startLlmServer(options, { backend, ...(onReport === undefined ? {} : { onReport }) })
}

async function openCassette(options: LlmProxyOptions, mode: 'replay' | 'record'): Promise<Cassette> {
  if (options.cassette === undefined || options.cassette === '') {
    throw new LlmError('KEPLOY_LLM_OPTION', `The mode ${mode} needs a \`cassette\`: the file of recordings.`)
  }
  return Cassette.open(options.cassette, await loadFormat(), {
    ...(options.ignore === undefined ? {} : { ignore: options.ignore }),
    ...(options.normalise === undefined ? {} : { normalise: options.normalise }),
    ...(mode === 'replay' ? { start: 'must-exist' } : options.refresh === true ? { start: 'refresh' } : {}),
  })
}

function checkUpstream(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url !== undefined && (url.protocol === 'http:' || url.protocol === 'https:')) return text.replace(/\/+$/, '')
  throw new LlmError('KEPLOY_LLM_OPTION', `upstream is ${text}, but has to be like https://api.openai.com/v1.`)
}
