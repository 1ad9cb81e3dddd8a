import { analyzeCostsTool } from '../agent-requests/analyze-costs.ts'
import { rateUrgencyTool } from '../agent-requests/rate-urgency.ts'
import type { DocumentGenerator } from '../documents/document-generator.ts'
import { generatorTools } from '../documents/generator-tools.ts'
import type { Upstream } from '../upstream/upstream.ts'
import { clientTools } from './client-tools.ts'
import { conversationTools } from './conversation-tools.ts'
import { documentTools } from './document-tools.ts'
import { echo } from './echo.ts'
import { practiceTools } from './practice-tools.ts'
import { screenTools } from './screen-tools.ts'
import { sessionTools } from './session-tools.ts'
import type { Tool } from './tool.ts'

export interface ToolsOptions {
  upstream: Upstream
  generator: DocumentGenerator
}

/** All tools, by name. */
export function createTools({ upstream, generator }: ToolsOptions): ReadonlyMap<string, Tool> {
  const requests = [
    ...clientTools,
    ...sessionTools,
    ...conversationTools,
    ...documentTools,
    ...practiceTools,
    ...screenTools,
  ]
  const advice = [analyzeCostsTool, rateUrgencyTool]
  const tools = [echo, ...advice, ...requests.map((make) => make(upstream)), ...generatorTools(upstream, generator)]
  return new Map(tools.map((tool) => [tool.name, tool]))
}
