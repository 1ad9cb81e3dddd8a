import { fuzzHttp } from '../packages/wire/test/fuzz.ts'

// node --conditions=@keploy-framework/source scripts/fuzz.ts [iterations] [seed]
const iterations = Number(process.argv[2] ?? 100_000)
const seed = Number(process.argv[3] ?? Date.now() % 1_000_000_000)
const started = performance.now()
const counts = fuzzHttp(seed, iterations)
console.log(
  `HTTP codec: seed ${seed}, ${iterations} runs in ${Math.round(performance.now() - started)} ms, ` +
    `${counts.events} events, ${counts.exchanges} exchanges, ${counts.gaps} gaps, none failed`,
)
