const { Kafka, logLevel } = require('kafkajs')
async function main() {
  const kafka = new Kafka({
    clientId: 'hook',
    brokers: [process.env.KAFKA_BROKER],
    logLevel: logLevel.NOTHING,
    retry: { retries: 2 },
  })
  const producer = kafka.producer()
  await producer.connect()
  const [sent] = await producer.send({ topic: process.env.KAFKA_TOPIC, messages: [{ key: 'k', value: 'v' }] })
  await producer.disconnect()
  console.log(JSON.stringify([sent.topicName, sent.errorCode]))
}
main()
