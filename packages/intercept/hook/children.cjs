'use strict'

// Children and threads are hooked too, also with an environment of their own. What can't be hooked is led to relays.
const childProcess = require('node:child_process')
const workers = require('node:worker_threads')

function install({ environment, settings }) {
  const added = (env) => {
    if (env === undefined || env === null || typeof env !== 'object') return env
    const given = env.NODE_OPTIONS
    const options =
      typeof given === 'string' && given !== ''
        ? given.includes(environment.NODE_OPTIONS)
          ? given
          : `${environment.NODE_OPTIONS} ${given}`
        : environment.NODE_OPTIONS
    return { ...settings.lead(env), ...environment, NODE_OPTIONS: options }
  }
  const { spawn } = childProcess.ChildProcess.prototype
  childProcess.ChildProcess.prototype.spawn = function (options) {
    if (Array.isArray(options?.envPairs)) {
      const env = {}
      for (const pair of options.envPairs) {
        // On Windows, names of drives begin with an equals sign.
        const at = pair.indexOf('=', 1)
        if (at > 0) env[pair.slice(0, at)] = pair.slice(at + 1)
      }
      options.envPairs = Object.entries(added(env)).map(([name, value]) => `${name}=${value}`)
    }
    return Reflect.apply(spawn, this, [options])
  }
  for (const name of ['spawnSync', 'execSync', 'execFileSync']) {
    const original = childProcess[name]
    childProcess[name] = function (...args) {
      const isOptions = (value) => value !== null && typeof value === 'object' && !Array.isArray(value)
      // Behind the command, and a list of arguments where there is one.
      const place = isOptions(args[1]) || (args.length < 3 && !Array.isArray(args[1])) ? 1 : 2
      const options = args[place]
      if (options === undefined || options === null || isOptions(options)) {
        args[place] = { ...options, env: added(options?.env ?? process.env) }
      }
      return Reflect.apply(original, this, args)
    }
  }
  workers.Worker = new Proxy(workers.Worker, {
    construct(target, [file, options, ...rest], newTarget) {
      const changed =
        options?.env && typeof options.env === 'object' ? { ...options, env: added(options.env) } : options
      return Reflect.construct(target, [file, changed, ...rest], newTarget)
    },
  })
}

module.exports = { install }
