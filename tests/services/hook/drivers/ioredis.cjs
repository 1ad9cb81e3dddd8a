const Redis = require('ioredis')
async function main() {
  const redis = new Redis(process.env.REDIS_URL)
  await redis.set('hook:a', 'ä')
  const piped = await redis.pipeline().get('hook:a').incr('hook:n').del('hook:n').exec()
  console.log(JSON.stringify([await redis.get('hook:a'), piped]))
  await redis.quit()
}
main()
