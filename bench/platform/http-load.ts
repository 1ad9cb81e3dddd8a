import { RawConnection } from './raw-connection.ts'

/** A load of messages, as the main process of the benchmark asks for it. */
export interface HttpLoad {
  readonly port: number
  readonly path: string
  /** One for each user; requests take users in turn, and each time the next session of the user. */
  readonly tokens: readonly string[]
  readonly sessionsPerUser: number
  readonly connections: number
  readonly seconds: number
  /** Requests per second, sent whether those before are answered or not. Absent: each connection sends when it is answered. */
  readonly rate?: number
}

export interface HttpLoadResult {
  readonly seconds: number
  readonly sent: number
  /** How often each status came; `none` where the connection ended before the answer. */
  readonly statuses: Readonly<Record<string, number>>
  /** `event_id` of the answers that have one. */
  readonly accepted: readonly string[]
  /** In milliseconds. With a rate: since the request was due, so that a service that stalls cannot hide it. */
  readonly p50: number
  readonly p99: number
  readonly max: number
}

async function load(options: HttpLoad): Promise<HttpLoadResult> {
  const { port, connections, seconds, rate } = options
  const requests = requestsOf(options)
  const lanes = await Promise.all(Array.from({ length: connections }, () => RawConnection.open(port)))
  const times: number[] = []
  const statuses: Record<string, number> = {}
  const accepted: string[] = []
  const started = performance.now()
  let sent = 0

  const isOver = (): boolean =>
    rate === undefined ? performance.now() - started >= seconds * 1000 : sent >= rate * seconds
  const drive = async (lane: RawConnection): Promise<void> => {
    while (!isOver()) {
      const number = sent++
      const due = rate === undefined ? performance.now() : started + (number * 1000) / rate
      const early = due - performance.now()
      if (early > 0) await new Promise((resolve) => setTimeout(resolve, early))
      try {
        const { status, body } = await lane.send(requests[number % requests.length]!)
        statuses[status] = (statuses[status] ?? 0) + 1
        const id = /"event_id":"([^"]+)"/.exec(body)?.[1]
        if (id !== undefined) accepted.push(id)
      } catch {
        statuses['none'] = (statuses['none'] ?? 0) + 1
        return
      }
      times.push(performance.now() - due)
    }
  }
  await Promise.all(lanes.map(drive))
  const took = (performance.now() - started) / 1000
  for (const lane of lanes) lane.close()
  times.sort((a, b) => a - b)
  const at = (share: number): number =>
    times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? Number.NaN
  return { seconds: took, sent, statuses, accepted, p50: at(0.5), p99: at(0.99), max: at(1) }
}

function requestsOf({ path, tokens, sessionsPerUser }: HttpLoad): Buffer[] {
  const users = tokens.map((token, user) => ({ token, user }))
  return Array.from({ length: sessionsPerUser }, (_, session) =>
    users.map(({ token, user }) => {
      const message = `This is what user ${user} says in session ${session}, and it is about as long as what people write.`
      const body = JSON.stringify({ session_id: `u${user}-s${session}`, message, metadata: { client: 'bench' } })
      return Buffer.from(
        `POST ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer ${token}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
      )
    }),
  ).flat()
}

process.on('message', (options: HttpLoad) => {
  void load(options).then((result) => process.send?.(result))
})
