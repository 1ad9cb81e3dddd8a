import { idSchema, type EventSchema } from '../events/event-schema.ts'
import type { ChainStep } from './chain.ts'

export const chainStep: EventSchema<ChainStep> = {
  name: 'chain_step',
  schema: {
    type: 'object',
    required: ['chain_id', 'step'],
    properties: { chain_id: idSchema, step: { type: 'integer', minimum: 0 } },
  },
}
