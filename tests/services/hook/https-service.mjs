// Prices of an API behind HTTPS, through node:https with an agent that keeps connections open.
import https from 'node:https'
import { text } from 'node:stream/consumers'

import { serve } from '../node/serve.mjs'

const agent = new https.Agent({ keepAlive: true })
const PATH = process.env.PRICE_PATH ?? '/price'

async function price(item, method = 'GET') {
  const answer = await new Promise((resolve, reject) => {
    https.request(`${process.env.PRICES_API}${PATH}/${item}`, { agent, method }, resolve).on('error', reject).end()
  })
  return [answer.statusCode, JSON.parse(await text(answer))]
}

serve(
  {
    'GET /price/:item': ({ params }) => price(params.item),
    'POST /price/:item': ({ params }) => price(params.item, 'POST'),
  },
  async () => agent.destroy(),
)
