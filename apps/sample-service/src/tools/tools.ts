import { echo } from './echo.ts'
import type { Tool } from './tool.ts'

/** All tools, by name. */
export const tools: ReadonlyMap<string, Tool> = new Map([echo].map((tool) => [tool.name, tool]))
