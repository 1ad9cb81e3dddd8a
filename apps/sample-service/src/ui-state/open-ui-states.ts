import { RedisUiStateStore } from './redis-ui-state-store.ts'
import { UiStates } from './ui-states.ts'

/** States in Redis, and in this process while it is away. A Redis that cannot be reached is no reason not to start. */
export async function openUiStates(
  url: string,
  onProblem: (problem: string, error: unknown) => void = () => {},
): Promise<UiStates> {
  let states: UiStates | undefined
  const shared = new RedisUiStateStore({
    url,
    // Also after an outage, in which Redis may have lost everything.
    onConnected: () => states?.reconnected(),
    onProblem: (error) => onProblem('Redis does not answer', error),
  })
  states = new UiStates({ shared, onProblem })
  await shared.connect().catch(() => {})
  return states
}
