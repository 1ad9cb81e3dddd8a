import { RE2JS } from 're2js'

import { RedactError } from './redact-error.ts'
import type { Sink } from './sink.ts'

/** The patterns that a person configured, run in linear time. */
export class UserPatterns {
  readonly #patterns: readonly RE2JS[]

  constructor(sources: readonly string[]) {
    this.#patterns = sources.map((source) => {
      try {
        return RE2JS.compile(source)
      } catch (cause) {
        throw new RedactError(
          'KEPLOY_REDACT_PATTERN',
          `The pattern ${JSON.stringify(source)} is not a regular expression that can be run in linear time (RE2 syntax). Correct it under redact.patterns.`,
          { cause },
        )
      }
    })
  }

  find(text: string, sink: Sink): void {
    for (const pattern of this.#patterns) {
      const matcher = pattern.matcher(text)
      while (matcher.find()) {
        const group = matcher.groupCount() > 0 && matcher.start(1) >= 0 ? 1 : 0
        const start = matcher.start(group)
        const end = matcher.end(group)
        if (end > start) sink.secret(start, end, text.slice(start, end), 'configured pattern')
      }
    }
  }
}
