'use strict'

// The settings that lead to relays: what each was before (`from`, null when it was not set), and what it is now (`to`).

function createSettings(settings = {}) {
  const entries = Object.entries(settings)
  return {
    /** Makes an environment lead where it led before. What somebody else has changed stays. */
    restore(env) {
      for (const [name, { from, to }] of entries) {
        if (env[name] !== to) continue
        if (from === null) delete env[name]
        else env[name] = from
      }
    },
    /** The same environment, leading to relays: for a child that may not be hooked. */
    lead(env) {
      const led = { ...env }
      for (const [name, { from, to }] of entries) if ((env[name] ?? null) === from) led[name] = to
      return led
    },
  }
}

module.exports = { createSettings }
