const amqp = require('amqplib')
async function main() {
  const connection = await amqp.connect(process.env.AMQP_URL)
  const channel = await connection.createConfirmChannel()
  await channel.assertQueue('hook', { durable: false, autoDelete: true })
  channel.sendToQueue('hook', Buffer.from('ä'))
  await channel.waitForConfirms()
  const message = await channel.get('hook', { noAck: true })
  await channel.deleteQueue('hook')
  await connection.close()
  console.log(JSON.stringify(message.content.toString()))
}
main()
