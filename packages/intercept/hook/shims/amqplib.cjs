'use strict'

// amqplib: writes of all channels wait for one turn, that of whoever came first.
const context = require('../context.cjs')

function mux({ Mux }) {
  const { _scheduleRead: schedule } = Mux.prototype
  if (typeof schedule !== 'function') return
  Mux.prototype._scheduleRead = function () {
    return context.outside(() => Reflect.apply(schedule, this, []))
  }
}

module.exports = { mux }
