// Asks a dependency as fast as it answers, one request at a time on each connection (or pipelines of 100).
import { autocannon, openPg, openRedis } from './drivers.ts'
import { IDS } from './ids.ts'

export interface ClientWork {
  readonly protocol: 'postgres' | 'redis' | 'http'
  readonly url: string
  readonly connections: number
  readonly seconds: number
  readonly pipeline?: boolean
  /** How long it asks before anything counts. Default: not at all. */
  readonly warmUp?: number
  /** Each request once, in place of as many as fit in the time. */
  readonly once?: boolean
}

async function connect({ protocol, url, pipeline }: ClientWork): Promise<{
  ask(id: number): Promise<number>
  end(): Promise<unknown>
}> {
  if (protocol === 'postgres') {
    const client = await openPg(url)
    return {
      async ask(id) {
        const { rows } = await client.query('SELECT id, name FROM bench_users WHERE id = $1', [id])
        if (rows[0]?.name !== `name ${id}`) throw new Error(`a wrong answer for ${id}`)
        return 1
      },
      end: () => client.end(),
    }
  }
  const client = openRedis(url)
  return {
    async ask(id) {
      if (pipeline === true) {
        const batch = client.pipeline()
        for (let at = 1; at <= IDS; at++) batch.get(`bench:${at}`)
        return (await batch.exec())?.length ?? 0
      }
      if ((await client.get(`bench:${id}`)) !== `name ${id}`) throw new Error(`a wrong answer for ${id}`)
      return 1
    },
    end: () => client.quit(),
  }
}

/** What a client got done. */
export interface ClientResult {
  readonly perSecond: number
  readonly calls: number
  /** Microseconds of the processor that the client used. */
  readonly cpu: number
}

async function rate(work: ClientWork): Promise<ClientResult> {
  if (work.protocol === 'http') {
    const requests = Array.from({ length: IDS }, (_, index) => ({ path: `/items/${index + 1}` }))
    const amount = work.once === true ? { amount: IDS, connections: 1 } : { duration: work.seconds }
    const before = process.cpuUsage()
    const result = await autocannon({ url: work.url, connections: work.connections, requests, ...amount })
    if (result.non2xx > 0 || result.errors > 0)
      throw new Error(`${result.non2xx} wrong answers, ${result.errors} errors`)
    const { user, system } = process.cpuUsage(before)
    return { perSecond: result.requests.average, calls: result.requests.total, cpu: user + system }
  }
  const clients = await Promise.all(Array.from({ length: work.connections }, () => connect(work)))
  let asked = 0
  const askFor = async (seconds: number): Promise<void> => {
    const until = performance.now() + seconds * 1000
    await Promise.all(
      clients.map(async (client, index) => {
        for (let at = index; work.once === true ? at < IDS : performance.now() < until; at++) {
          // Others count too while this one waits.
          const answers = await client.ask((at % IDS) + 1)
          asked += answers
        }
      }),
    )
  }
  if (work.warmUp !== undefined) await askFor(work.warmUp)
  asked = 0
  const before = process.cpuUsage()
  const started = performance.now()
  await askFor(work.seconds)
  const seconds = (performance.now() - started) / 1000
  const { user, system } = process.cpuUsage(before)
  for (const client of clients) await client.end()
  return { perSecond: asked / seconds, calls: asked, cpu: user + system }
}

process.on('message', (work: ClientWork) => {
  void rate(work).then(
    (result) => process.send!(result),
    (error: unknown) => {
      console.error(error)
      process.exit(1)
    },
  )
})
