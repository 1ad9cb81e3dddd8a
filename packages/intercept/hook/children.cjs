'use strict'

// Children and threads that get an environment of their own are hooked too.
const childProcess = require('node:child_process')
const workers = require('node:worker_threads')

function install(environment) {
  const added = (env) => {
    if (env === undefined || env === null || typeof env !== 'object') return env
    const given = env.NODE_OPTIONS
    const options =
      typeof given === 'string' && given !== ''
        ? given.includes(environment.NODE_OPTIONS)
          ? given
          : `${environment.NODE_OPTIONS} ${given}`
        : environment.NODE_OPTIONS
    return { ...env, ...environment, NODE_OPTIONS: options }
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
      if (env.KEPLOY_HOOK === undefined)
        options.envPairs = Object.entries(added(env)).map(([name, value]) => `${name}=${value}`)
    }
    return Reflect.apply(spawn, this, [options])
  }
  for (const name of ['spawnSync', 'execSync', 'execFileSync']) {
    const original = childProcess[name]
    childProcess[name] = function (...args) {
      const last = args.length - 1
      const options = args[last]
      if (last > 0 && options !== null && typeof options === 'object' && !Array.isArray(options) && options.env) {
        args[last] = { ...options, env: added(options.env) }
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
