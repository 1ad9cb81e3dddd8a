/** One thing of the upstream. */
export interface Item {
  id: string
  [field: string]: unknown
}

export const collections = [
  'clients',
  'sessions',
  'conversations',
  'messages',
  'templates',
  'documents',
  'notes',
  'tasks',
  'appointments',
  'goals',
] as const
export type Collection = (typeof collections)[number]

export type SampleData = Record<Collection, Item[]>

/** A practice with three invented clients: what the embedded upstream begins with. */
export function sampleData(): SampleData {
  return {
    clients: [
      { id: 'c1', name: 'John Smith', email: 'john@example.com', status: 'active', summary: 'Anxiety before talks.' },
      { id: 'c2', name: 'Zoë Müller', email: 'zoe@example.com', status: 'active', summary: 'Sleeps badly.' },
      { id: 'c3', name: '山田 花子', email: 'hanako@example.com', status: 'closed', summary: 'Grief, finished well.' },
    ],
    sessions: [
      { id: 's1', client_id: 'c1', title: 'First session', date: '2026-01-12', transcript: talk('talks at work') },
      { id: 's2', client_id: 'c1', title: 'Second session', date: '2026-01-19', transcript: talk('breathing') },
      { id: 's3', client_id: 'c2', title: 'Intake', date: '2026-01-14', transcript: talk('sleep') },
      { id: 's4', client_id: 'c3', title: 'Last session', date: '2025-11-02', transcript: [] },
    ],
    conversations: [
      { id: 'v1', client_id: 'c1', title: 'Between sessions', started_at: '2026-01-13T09:00:00Z' },
      { id: 'v2', client_id: 'c1', title: 'Before a talk', started_at: '2026-01-20T18:30:00Z' },
      { id: 'v3', client_id: 'c2', title: 'A bad night', started_at: '2026-01-15T03:10:00Z' },
    ],
    messages: [
      { id: 'm1', conversation_id: 'v1', from: 'client', text: 'I tried the breathing exercise. It helped.' },
      { id: 'm2', conversation_id: 'v1', from: 'practitioner', text: 'Good. Keep a note of when it helps.' },
      { id: 'm3', conversation_id: 'v2', from: 'client', text: 'The talk is tomorrow and I am afraid.' },
      { id: 'm4', conversation_id: 'v3', from: 'client', text: 'Awake again at three.' },
    ],
    templates: [
      {
        id: 't1',
        name: 'Session note',
        kind: 'note',
        content: '# {{clientName}}, {{date}}\n\nWhat was said\n\nWhat comes next\n\n{{practitionerName}}',
      },
      {
        id: 't2',
        name: 'Letter to the doctor',
        kind: 'letter',
        content: '{{date}}\n\nDear colleague,\n\n{{clientName}} …\n\nYours, {{practitionerName}}',
      },
    ],
    documents: [{ id: 'd1', client_id: 'c1', title: 'Intake note', content: 'John Smith came on his own account.' }],
    notes: [{ id: 'n1', client_id: 'c1', text: 'Prefers mornings.' }],
    tasks: [{ id: 'k1', client_id: 'c1', title: 'Send the exercise', done: false }],
    appointments: [{ id: 'a1', client_id: 'c1', starts_at: '2026-01-26T09:00:00Z' }],
    goals: [{ id: 'g1', client_id: 'c1', title: 'Give a talk to ten people', reached: false }],
  }
}

function talk(topic: string): object[] {
  return [
    { speaker: 'practitioner', text: 'What brings you here today?' },
    { speaker: 'client', text: `I would like to speak of ${topic}.` },
    { speaker: 'practitioner', text: 'Go on.' },
  ]
}
