import { z } from 'zod'

import { idSchema as id } from '../schemas/id.ts'
import { storableText } from '../schemas/storable-text.ts'
import { taskSchema } from './task.ts'

export const newProjectSchema = z
  .object({ name: storableText.min(1).max(200), description: storableText.max(2000).default('') })
  .meta({ id: 'NewProject' })

export const projectSchema = z
  .object({
    project_id: z.string(),
    name: z.string(),
    description: z.string(),
    created_at: z.string().meta({ format: 'date-time' }),
  })
  .meta({ id: 'Project' })

const next = z.string().nullable().describe('Given as `before`, it brings the next page. Null on the last page.')

export const projectPageSchema = z.object({ projects: z.array(projectSchema), next }).meta({ id: 'ProjectPage' })
export const taskPageSchema = z.object({ tasks: z.array(taskSchema), next }).meta({ id: 'TaskPage' })

export const projectPathSchema = z.object({ project_id: id })

export type NewProject = z.output<typeof newProjectSchema>
export type Project = z.output<typeof projectSchema>
