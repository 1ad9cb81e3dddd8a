import http from 'node:http'
import https from 'node:https'

for (const url of process.argv.slice(2)) {
  await new Promise((resolve, reject) => {
    const { get } = url.startsWith('https') ? https : http
    get(url, async (response) => {
      let text = ''
      for await (const chunk of response) text += chunk
      console.log(text)
      resolve()
    }).on('error', reject)
  })
}
