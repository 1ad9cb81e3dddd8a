/** The `data` of each event of a `text/event-stream`, as it comes in. */
export async function* serverSentData(body: AsyncIterable<Uint8Array>): AsyncIterable<string> {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const chunk of body) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split(/\r?\n/)
    rest = lines.pop() ?? ''
    for (const line of lines) if (line.startsWith('data:')) yield line.slice(5).trimStart()
  }
  if (rest.startsWith('data:')) yield rest.slice(5).trim()
}
