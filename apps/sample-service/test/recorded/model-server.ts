import { faults, MockOpenAIBuilder, type LlmServer } from '@keploy-framework/llm'

/** Its address stands in what the platform answers (`metadata.model`), so it is the same in every run. */
export const MODEL_PORT = 18_099

const advice = {
  summary: 'The database is larger than it needs to be.',
  priority: 'medium',
  recommendations: [{ title: 'A smaller database', detail: 'It uses a fifth.', monthly_savings: 200 }],
  potential_savings: { monthly_amount: 200, currency: 'USD' },
}

/** What the model of the drive says: to each question always the same, in whichever order they come. */
export async function startModelServer(): Promise<LlmServer> {
  const builder = new MockOpenAIBuilder({ port: MODEL_PORT, strict: false })
  const asks = (last: string, name: string, args: object, then: string) =>
    builder.chat
      .always({ match: { contains: last, toolResult: '' }, reply: then })
      .chat.always({ match: { last }, reply: { toolCalls: [{ name, arguments: args }] } })
  asks('Sum up the client', 'get_client_summary', { client_id: 'c1' }, 'John is anxious before talks.')
  asks('Open the client nobody', 'get_client', { client_id: 'c404' }, 'There is no such client.')
  asks('Write a note', 'create_note', { client_id: 'c1', text: 'Grüße' }, 'The note is written.')
  asks('Read the notes', 'list_notes', { client_id: 'c1' }, 'There are notes.')
  asks('What are my goals', 'list_goals', { client_id: 'c1' }, 'Small steps.')
  return builder.chat
    .always({ match: { contains: 'Where can we save?' }, reply: { json: advice } })
    .chat.always({ match: { last: 'Refuse this' }, fault: faults.status(400) })
    .chat.always({
      match: { last: 'Check the login form' },
      reply: 'The login form locks accounts after five attempts.',
    })
    .chat.always({ match: { last: 'Sort these' }, reply: 'Sorted: these come first, then three more words.' })
    .chat.always({ match: { last: 'Hello' }, reply: 'Good day! How is the tea?' })
    .chat.always({ match: { last: 'What did I say' }, reply: 'You said hello.' })
    .chat.always('I have no script for this, and say so every time.')
    .start()
}
