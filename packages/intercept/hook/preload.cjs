'use strict'

// Loaded into a Node service with `NODE_OPTIONS=--require`. See docs/protocols/node-hook.md.
const INSTALLED = Symbol.for('keploy.hook')

/** Other programs that read files of Node are none that the hook knows. */
function isCovered(nodes) {
  const { node, bun, deno, electron } = process.versions
  return !(bun || deno || electron) && nodes.includes(Number(node.split('.')[0]))
}

function start() {
  const config = JSON.parse(process.env.KEPLOY_HOOK)
  const settings = require('./settings.cjs').createSettings(config.settings)
  if (!isCovered(config.nodes)) {
    require('./unhooked.cjs').useRelays(config)
    return
  }
  // From here on nothing needs the relays, which stand by for what is not hooked.
  settings.restore(process.env)
  const Module = require('node:module')
  const { openChannel } = require('./channel.cjs')
  const { createTargets } = require('./targets.cjs')
  const { TYPES, json } = require('./frames.cjs')
  const replay = config.mode === 'replay'
  const channel = openChannel(config, (type, payload) => {
    if (type === TYPES.listen) targets.setRelatives(JSON.parse(payload.toString()))
  })
  const targets = createTargets({
    bypass: config.bypass,
    bypassRules: config.bypassRules,
    channel: config.path,
    replay,
    announce: (key, on) => channel.send(json(TYPES.listen, 0, { key, on }), true),
  })
  require('./inbound.cjs').install()
  if (replay) require('./replay.cjs').install({ config, targets })
  else require('./record.cjs').install({ channel, targets })
  require('./http2.cjs').install()
  require('./shims.cjs').install()
  require('./children.cjs').install({
    environment: { NODE_OPTIONS: config.options, KEPLOY_HOOK: process.env.KEPLOY_HOOK },
    settings,
  })
  Module.syncBuiltinESMExports()
}

if (
  typeof process.env.KEPLOY_HOOK === 'string' &&
  process.env.KEPLOY_HOOK !== '' &&
  globalThis[INSTALLED] === undefined
) {
  Object.defineProperty(globalThis, INSTALLED, { value: true })
  try {
    start()
  } catch (error) {
    // The service is more important than its recording.
    process.stderr.write(`keploy-framework: this process is not hooked: ${error.message}\n`)
  }
}
