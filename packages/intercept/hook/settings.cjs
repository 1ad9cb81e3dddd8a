'use strict'

// The settings that lead to relays: what each was before (`from`, null when it was not set), what a file of settings says
// (`file`, null when none does), and what it is now (`to`). Node has read `--env-file` before any of this runs, and found
// the setting there already; so only a Node that was given one has what the file says.

function createSettings(settings = {}, options = process.execArgv) {
  const readsFile = options.some((option) => option.startsWith('--env-file'))
  const entries = Object.entries(settings).map(([name, { from, file, to }]) => {
    return [name, { from: from ?? (readsFile ? file : null), to }]
  })
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
