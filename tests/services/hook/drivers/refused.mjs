import net from 'node:net'
const attempt = (options) =>
  new Promise((resolve) => {
    const socket = net.connect(options, () => resolve('connected'))
    socket.on('error', (error) => resolve([error.code, error.syscall, error.port ?? error.hostname]))
  })
console.log(
  JSON.stringify([await attempt({ host: '127.0.0.1', port: 9 }), await attempt({ host: 'nowhere.invalid', port: 80 })]),
)
