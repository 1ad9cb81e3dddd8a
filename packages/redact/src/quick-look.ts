import { redactJson } from './body.ts'
import { findForms } from './find-forms.ts'
import { findInTarget } from './find-in-target.ts'
import { findInText } from './find-in-text.ts'
import type { Workshop } from './redactor.ts'
import type { Sink } from './sink.ts'

/** Shorter text holds nothing that is known by its form or was seen before. */
const SHORTEST = 6
/** Names that are remembered as plain; hostile ones must not fill memory. */
const MAX_NAMES = 2048

/**
 * Says of pieces of JSON that redaction would leave them as they are, without making JSON of them first. `false` says
 * nothing: then it has to be tried. It changes nothing, and nothing is learned from what it finds.
 */
export class QuickLook {
  readonly #workshop: Workshop
  /** Searches as the real one does, and only notes that something was found. */
  readonly #probe: Workshop
  readonly #sink: Sink
  #found = false
  readonly #names = new Set<string>()
  #namesFor = -1

  constructor(workshop: Workshop) {
    this.#workshop = workshop
    const note = (): void => {
      this.#found = true
    }
    const sink: Sink = { secret: note, replace: note }
    this.#sink = sink
    const { registry, keys } = workshop
    const known = (text: string): void => {
      if (registry.known.find(text) !== undefined) note()
    }
    this.#probe = {
      ...workshop,
      sink: () => sink,
      searchKnown: known,
      search(text, _edits, _where, to, json) {
        findForms(text, to, json)
        known(text)
      },
      text(text) {
        findInText(text, keys, sink)
        known(text)
        return text
      },
    }
  }

  /** Whether nothing can be said of pieces alone: what is configured, or was seen, may reach over several of them. */
  get #needsWhole(): boolean {
    const { paths, patterns, registry } = this.#workshop
    return paths !== undefined || patterns !== undefined || registry.known.crossesValues
  }

  /** A string, under a name that says nothing of it. */
  text(text: string): boolean {
    if (this.#needsWhole) return false
    const escapes = isEscaped(text)
    if (!escapes && text.length < SHORTEST) return true
    if (text.includes('{{secret.')) return false
    this.#found = false
    if (!escapes) {
      if (text.includes('=')) findInText(text, this.#workshop.keys, this.#sink)
      if (!this.#found) this.#probe.search(text, [], '', this.#sink)
      return !this.#found
    }
    const first = text.trimStart().charCodeAt(0)
    if (first === 123 || first === 91) redactJson(text, '', this.#probe, 1)
    else this.#probe.text(text, '')
    // As it stands in JSON: letters of escapes may be the beginning of a word, as in `\npm_…`.
    if (!this.#found) this.#probe.search(JSON.stringify(text), [], '', this.#sink)
    return !this.#found
  }

  number(value: number): boolean {
    if (this.#needsWhole) return false
    const { known } = this.#workshop.registry
    return known.size === 0 || known.find(String(value)) === undefined
  }

  /** The name of a field: it is plain, and says nothing of its value. */
  name(name: string): boolean {
    const { keys, registry } = this.#workshop
    if (this.#namesFor !== registry.known.version || this.#names.size >= MAX_NAMES) {
      this.#names.clear()
      this.#namesFor = registry.known.version
    }
    if (this.#names.has(name)) return !this.#needsWhole
    if (keys.of(name) !== undefined || !this.text(name)) return false
    if (name.length <= 64) this.#names.add(name)
    return true
  }

  /** A request target or URL. */
  target(target: string): boolean {
    if (!this.text(target)) return false
    this.#found = false
    findInTarget(target, this.#workshop.keys, this.#sink)
    return !this.#found
  }
}

/** Whether a string looks different in JSON. */
function isEscaped(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code < 32 || code === 34 || code === 92 || (code >= 0xd800 && code <= 0xdfff)) return true
  }
  return false
}
