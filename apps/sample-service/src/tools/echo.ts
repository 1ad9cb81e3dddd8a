import { z } from 'zod'

import { defineTool } from './tool.ts'

export const echo = defineTool({
  name: 'echo',
  description: 'Returns its arguments.',
  args: z.record(z.string(), z.unknown()),
  run: async (args) => args,
})
