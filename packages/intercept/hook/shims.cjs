'use strict'

// Drivers that queue or join commands write them later than they were asked for. Each is told, where it does so, which
// request a command belongs to. What is patched are prototypes and channels, so that it holds for ESM importers too.
const Module = require('node:module')

const SHIMS = [
  [
    /[/\\]node_modules[/\\]@grpc[/\\]grpc-js[/\\]build[/\\]src[/\\]resolving-call\.js$/,
    (exports) => require('./shims/grpc-js.cjs').resolving(exports),
  ],
  [
    /[/\\]node_modules[/\\]@grpc[/\\]grpc-js[/\\]build[/\\]src[/\\]load-balancing-call\.js$/,
    (exports) => require('./shims/grpc-js.cjs').balancing(exports),
  ],
  [/[/\\]node_modules[/\\]pg[/\\]lib[/\\]client\.js$/, (exports) => require('./shims/pg.cjs').client(exports)],
  [/[/\\]node_modules[/\\]pg[/\\]lib[/\\]query\.js$/, (exports) => require('./shims/pg.cjs').query(exports)],
  [/[/\\]node_modules[/\\]pg-pool[/\\]index\.js$/, (exports) => require('./shims/pg.cjs').pool(exports)],
  [
    /[/\\]node_modules[/\\]mysql2[/\\]lib[/\\](base[/\\])?connection\.js$/,
    (exports) => require('./shims/mysql2.cjs').connection(exports),
  ],
  [
    /[/\\]node_modules[/\\]mysql2[/\\]lib[/\\](base[/\\])?pool\.js$/,
    (exports) => require('./shims/mysql2.cjs').pool(exports),
  ],
  [
    /[/\\]node_modules[/\\]undici[/\\]lib[/\\]dispatcher[/\\]dispatcher-base\.js$/,
    (exports) => require('./shims/undici.cjs').dispatcher(exports),
  ],
  [
    /[/\\]node_modules[/\\]@redis[/\\]client[/\\]dist[/\\]lib[/\\]client[/\\]commands-queue\.js$/,
    (exports) => require('./shims/redis.cjs').queue(exports),
  ],
  [
    /[/\\]node_modules[/\\]@redis[/\\]client[/\\]dist[/\\]lib[/\\]RESP[/\\]encoder\.js$/,
    (exports) => require('./shims/redis.cjs').encoder(exports),
  ],
  [
    /[/\\]node_modules[/\\]ioredis[/\\]built[/\\]Command\.js$/,
    (exports) => require('./shims/ioredis.cjs').command(exports),
  ],
  [/[/\\]node_modules[/\\]amqplib[/\\]lib[/\\]mux\.js$/, (exports) => require('./shims/amqplib.cjs').mux(exports)],
]

function install() {
  require('./shims/undici.cjs').channels()
  const { load } = Module.prototype
  Module.prototype.load = function (filename, ...rest) {
    const result = Reflect.apply(load, this, [filename, ...rest])
    if (typeof filename !== 'string' || !filename.includes('node_modules')) return result
    for (const [pattern, patch] of SHIMS) {
      if (!pattern.test(filename)) continue
      try {
        patch(this.exports)
      } catch {
        // Another version of the driver: its calls then count as belonging to no known request.
      }
    }
    return result
  }
}

module.exports = { install }
