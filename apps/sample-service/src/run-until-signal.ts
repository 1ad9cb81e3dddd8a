/**
 * Starts a service, says that it is ready, and closes it when SIGTERM or SIGINT comes. Resolves with the exit code: 0, or 1
 * when it could not start.
 */
export async function runUntilSignal<Service extends AsyncDisposable>(
  name: string,
  start: () => Promise<Service>,
  ready: (service: Service) => string,
): Promise<number> {
  // Listened for before anything starts, so that a signal during start-up is not lost.
  const ended = new Promise<void>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve())
  })
  let service
  try {
    service = await start()
  } catch (error) {
    process.stderr.write(`${name}: could not start: ${error instanceof Error ? error.message : String(error)}\n`)
    return 1
  }
  process.stdout.write(ready(service))
  await ended
  await service[Symbol.asyncDispose]()
  return 0
}
