'use strict'

// npm redis >= 4 (@redis/client >= 1).
const context = require('../context.cjs')

const causes = new WeakMap()
let encoded

function encoder(exports) {
  const encode = exports.default
  exports.default = function (args) {
    encoded = causes.get(args)
    return encode(args)
  }
}

function queue(exports) {
  const { prototype } = exports.default
  const { addCommand, commandsToWrite } = prototype
  prototype.addCommand = function (args, ...rest) {
    if (Array.isArray(args)) causes.set(args, { cause: context.asking() })
    return Reflect.apply(addCommand, this, [args, ...rest])
  }
  if (typeof commandsToWrite !== 'function') return
  prototype.commandsToWrite = function* (...args) {
    const commands = Reflect.apply(commandsToWrite, this, args)
    try {
      for (;;) {
        encoded = undefined
        const step = commands.next()
        if (step.done) return
        // The caller writes a command as soon as it has it, and then asks for the next.
        context.force(encoded?.cause)
        try {
          yield step.value
        } finally {
          context.release()
        }
      }
    } finally {
      commands.return?.()
    }
  }
}

module.exports = { encoder, queue }
