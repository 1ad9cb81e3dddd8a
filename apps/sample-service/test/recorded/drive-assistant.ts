import type { Drive } from './drive.ts'

/** Messages to personas, which run tools on the upstream. */
export const driveAssistant: Drive = async ({ send, tokenFor }, { settled }) => {
  const ada = await tokenFor({ id: 'ada', tenant: 'clinic', role: 'practitioner' })
  const zoe = await tokenFor({ id: 'zoe', tenant: 'clinic', role: 'client' })
  const ask = async (who: string, token: string, session_id: string, persona_id: string, message: string) => {
    const body = { session_id, persona_id, message }
    await send(`${who} asks ${session_id}`, 'POST', '/v1/session/message', { token, body })
    await settled()
    await send(`${who} is told ${session_id}`, 'GET', `/v1/session/${session_id}/events`, { token, within: 60 })
  }
  await ask('ada', ada, 'summary', 'web_assistant', 'Sum up the client John.')
  await ask('ada', ada, 'missing', 'web_assistant', 'Open the client nobody knows.')
  await ask('ada', ada, 'note', 'web_assistant', 'Write a note for John.')
  await ask('ada', ada, 'notes', 'web_assistant', 'Read the notes for John.')
  await ask('zoe', zoe, 'forbidden', 'web_assistant', 'Sum up the client John.')
  await ask('zoe', zoe, 'goals', 'jaimee_therapist', 'What are my goals?')
  await ask('ada', ada, 'stranger', 'nobody', 'Is anybody there?')
}
