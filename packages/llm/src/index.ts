export type { ChatCompletionObject, ChatUsage, FilterResults } from './chat/completion.ts'
export { mockLlmResponse } from './chat/mock-llm-response.ts'
export type { MockLlmResponseOptions } from './chat/mock-llm-response.ts'
export { formatUsd } from './cost/budget.ts'
export { calculateTokenCost } from './cost/calculate.ts'
export type { TokenCostOptions } from './cost/calculate.ts'
export { costOfAnswer } from './cost/recorded-answer.ts'
export type { AnswerCost, RecordedAnswer } from './cost/recorded-answer.ts'
export { monthlyAlert } from './cost/format-cost.ts'
export type { MonthlyAlert } from './cost/format-cost.ts'
export type { LlmCost, ModelCost } from './cost/ledger.ts'
export { costDefaults, defaultPrices } from './cost/prices.ts'
export type { ModelPrice, PriceTable, TokenPrice } from './cost/prices.ts'
export { faults } from './faults/faults.ts'
export type {
  LlmFault,
  ModelFault,
  Position,
  RetryHints,
  StatusFault,
  StatusOptions,
  TransportFault,
} from './faults/faults.ts'
export type { WireError } from './faults/status-errors.ts'
export { LlmError } from './llm-error.ts'
export { MockOpenAIBuilder } from './mock-openai-builder.ts'
export { createLlmProxy } from './proxy/create-llm-proxy.ts'
export type { LlmMode, LlmProxyOptions } from './proxy/create-llm-proxy.ts'
export { requireOpenAiKey } from './real/require-openai-key.ts'
export type { OpenAiKey, RequireKeyOptions } from './real/require-openai-key.ts'
export { withLlmRetry } from './real/with-llm-retry.ts'
export type { LlmRetryOptions, RetryNotice } from './real/with-llm-retry.ts'
export { timeoutTiers, withTimeoutTier } from './real/with-timeout-tier.ts'
export type { TimeoutTier, TimeoutTierOptions } from './real/with-timeout-tier.ts'
export { MockApiBuilder } from './rest/mock-api-builder.ts'
export type { RestRoutes, RestScope } from './rest/rest-scope.ts'
export type { RestServer, RestServerOptions } from './rest/rest-server.ts'
export type { RestFault, RestMatch, RestReply, RestRequest, RestStep } from './rest/rest-step.ts'
export type { LlmMatch, TextMatch } from './script/llm-match.ts'
export type { LlmEndpoint, LlmMessage, LlmOutcome, LlmRequest, LlmUsage } from './script/llm-request.ts'
export type {
  EmbeddingReply,
  EmbeddingStep,
  LlmReply,
  LlmStep,
  ReplyUsage,
  ScriptedReply,
  ScriptStep,
  ToolCallReply,
} from './script/reply.ts'
export type { ScriptPad } from './script/script-pad.ts'
export type { LlmScope } from './server/llm-scope.ts'
export type { LlmServer, LlmServerOptions } from './server/llm-server.ts'
export type { LlmProblem } from './server/problem-log.ts'
