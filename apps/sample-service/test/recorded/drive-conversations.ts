import type { Drive } from './drive.ts'

/** Messages of several users, and what was said in their sessions. */
export const driveConversations: Drive = async ({ send, tokenFor }, { settled }) => {
  const ada = await tokenFor({ id: 'ada', tenant: 'clinic', role: 'practitioner' })
  const zoe = await tokenFor({ id: 'zoe', tenant: 'clinic', role: 'client' })
  const eve = await tokenFor({ id: 'eve', tenant: 'rival' })
  const stale = await tokenFor({ id: 'ada', tenant: 'clinic', expires_in: -3600 })
  const messages = '/v1/session/message'

  const { body: tea } = await send('ada says hello in a session of hers', 'POST', messages, {
    token: ada,
    body: { session_id: 'tea', message: 'Hello' },
  })
  await settled()
  await send('the answer to hello', 'GET', '/v1/session/tea/events', { token: ada, within: 60 })
  await send('the hello itself', 'GET', `/v1/session/tea/events/${tea.event_id}`, { token: ada })

  await send('ada asks about what was said', 'POST', messages, {
    token: ada,
    body: { session_id: 'tea', message: 'What did I say first?', metadata: { page: { deep: [1, null, 'ünï'] } } },
  })
  await settled()
  await send('all of the conversation', 'GET', '/v1/session/tea/events?limit=10', { token: ada, within: 60 })
  const { body: page } = await send('the newest two', 'GET', '/v1/session/tea/events?limit=2', { token: ada })
  await send('the two before', 'GET', `/v1/session/tea/events?limit=2&before=${page.next}`, { token: ada })

  const { body: fresh } = await send('zoe begins a session', 'POST', messages, {
    token: zoe,
    body: { message: 'Grüße aus 東京 🍵 <script>alert(1)</script>', attachments: [{ name: 'tea.png', size: 12 }] },
  })
  await settled()
  const hers = `/v1/session/${fresh.session_id}/events`
  await send('what zoe was told', 'GET', hers, { token: zoe, within: 60 })
  await send('what zoe said', 'GET', `${hers}/${fresh.event_id}`, { token: zoe })

  await send('ada reads the session of zoe', 'GET', hers, { token: ada })
  await send('ada speaks in the session of zoe', 'POST', messages, {
    token: ada,
    body: { session_id: fresh.session_id, message: 'May I?' },
  })
  await send('eve reads the session of ada', 'GET', '/v1/session/tea/events', { token: eve })
  await send('eve reads an event of ada', 'GET', `/v1/session/tea/events/${tea.event_id}`, { token: eve })
  await send('a session that is not there', 'GET', '/v1/session/coffee/events', { token: ada })
  await send('an event that is not there', 'GET', '/v1/session/tea/events/e-1', { token: ada })

  await send('a message without a token', 'POST', messages, { body: { message: 'Hello' } })
  await send('a message with a stale token', 'POST', messages, { token: stale, body: { message: 'Hello' } })
  await send('a list without a token', 'GET', '/v1/session/tea/events')
  await send('a message without words', 'POST', messages, { token: ada, body: { message: '' } })
  await send('a message that is a number', 'POST', messages, { token: ada, body: { message: 7, session_id: 'a b' } })
  await send('a message of broken JSON', 'POST', messages, { token: ada, raw: '{"message": ' })
  await send('a page that begins nowhere', 'GET', '/v1/session/tea/events?before=nowhere', { token: ada })
  await send('a page of no size', 'GET', '/v1/session/tea/events?limit=0', { token: ada })
}
