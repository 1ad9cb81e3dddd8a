export { headerValue, headerValues } from './vocabulary/headers.ts'
export type { HeaderList, HeaderPair } from './vocabulary/headers.ts'
export type {
  CapturedBody,
  Exchange,
  HttpExchange,
  HttpExchangeRequest,
  HttpExchangeResponse,
  StreamItem,
} from './vocabulary/exchange.ts'
export type { InputIssue } from './vocabulary/issue.ts'
export type { Reporter, RunEvent } from './vocabulary/run-event.ts'
export type {
  AppliedRule,
  BoundValue,
  Failure,
  ResponseSnapshot,
  RunResult,
  RunStatus,
  RunSummary,
  SetResult,
  TestResult,
  TestStatus,
} from './vocabulary/run-result.ts'
export type {
  BodyValue,
  FormPart,
  SecretRecord,
  TestAnnotations,
  TestAssertions,
  TestCase,
  TestRequest,
  TestResponse,
  TestSet,
  TestStream,
} from './vocabulary/test-case.ts'
