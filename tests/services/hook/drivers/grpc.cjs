const grpc = require('@grpc/grpc-js')
const target = process.env.GRPC_TLS === '1' ? process.env.GRPC_TLS_TARGET : process.env.GRPC_TARGET
const credentials =
  process.env.GRPC_TLS === '1'
    ? grpc.credentials.createSsl(Buffer.from(process.env.TLS_CERT), null, null, {
        checkServerIdentity: () => undefined,
      })
    : grpc.credentials.createInsecure()
const same = (bytes) => bytes
const client = new grpc.Client(target, credentials)
const call = (text) =>
  new Promise((resolve, reject) => {
    client.makeUnaryRequest('/echo.Echo/Say', same, same, Buffer.from(text), (error, answer) =>
      error ? reject(error) : resolve(answer.toString()),
    )
  })
Promise.all([call('one'), call('two')])
  .then((all) => console.log(JSON.stringify(all)))
  .catch((error) => {
    console.error(error.code, error.details)
    process.exitCode = 1
  })
  .finally(() => client.close())
