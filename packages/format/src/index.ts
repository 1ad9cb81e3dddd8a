export { FormatError } from './errors.ts'
export { Document, parseDocuments } from './documents/document.ts'
export type { ParsedDocuments, ParseOptions } from './documents/document.ts'
export { isMockKind, isReadableVersion, mockKinds, readableVersions } from './documents/kinds.ts'
export type { MockKind } from './documents/kinds.ts'
export { editDocument, removeFromDocument } from './edit/edit-document.ts'
export type { EditDocumentOptions } from './edit/edit-document.ts'
export { setNoise } from './edit/set-noise.ts'
export { updateTestCase } from './edit/update-test-case.ts'
export type { TestCaseUpdate } from './edit/update-test-case.ts'
export { parseMappings, readMappings } from './mocks/mappings.ts'
export type { MappedMock, Mappings, ReadMappings } from './mocks/mappings.ts'
export { indexMocks } from './mocks/index-mocks.ts'
export type { IndexedMock } from './mocks/index-mocks.ts'
export type { MockHead } from './mocks/mock-head.ts'
export { decodeMock, findMockFiles, readMocks } from './mocks/read-mocks.ts'
export type { MockDocument, ReadMock } from './mocks/read-mocks.ts'
export { formatReport, parseReport, readReport, writeReport } from './reports/report.ts'
export type { KeployReport, ReadReport, ReportBody, ReportHeader, ReportTest } from './reports/report.ts'
export { listTestSets } from './sets/list-test-sets.ts'
export type { TestSetLocation } from './sets/list-test-sets.ts'
export { readTestSet } from './sets/read-test-set.ts'
export type { ReadTestSet } from './sets/read-test-set.ts'
export { readRequestBody } from './sets/request-body.ts'
export { resolveInside } from './sets/resolve-inside.ts'
export { parseSetConfig, readSetConfig } from './sets/set-config.ts'
export type { SetConfig } from './sets/set-config.ts'
export { assertSetName, nameProblem } from './sets/set-name.ts'
export { openTestSet } from './sets/test-set-reader.ts'
export type { OpenTestSetOptions, TestIndexEntry, TestSetReader } from './sets/test-set-reader.ts'
export { writeAtomically } from './sets/write-atomically.ts'
export { writeTestSet } from './sets/write-test-set.ts'
export type { NewTest, NewTestSet, WriteTestSetOptions, WrittenTestSet } from './sets/write-test-set.ts'
export { formatSidecar } from './sidecar/format-sidecar.ts'
export { parseSidecar, readSidecar, writeSidecar } from './sidecar/read-sidecar.ts'
export type { ReadSidecar } from './sidecar/read-sidecar.ts'
export { emptySidecar } from './sidecar/sidecar.ts'
export type { OmittedBody, Sidecar, SidecarTest } from './sidecar/sidecar.ts'
export { formatStream, parseStream } from './streams/websocket-stream.ts'
export type { ReadStream } from './streams/websocket-stream.ts'
export { decodeBody } from './test-case/body.ts'
export { decodeTestCase, parseTestCase } from './test-case/decode.ts'
export type { DecodeTestCaseOptions, ParsedTestCase, ParseTestCaseOptions } from './test-case/decode.ts'
export { formatTestCase } from './test-case/encode.ts'
export type { FormatTestCaseOptions } from './test-case/encode.ts'
export { restoreFormBody } from './test-case/form-body.ts'
export { parseTimestamp } from './test-case/timestamp.ts'
export { decodeText } from './text.ts'
export { emitYaml } from './yaml/emit.ts'
export type { EmitOptions } from './yaml/emit.ts'
export { loadYaml } from './yaml/load.ts'
export type { Loaded, LoadPlace } from './yaml/load.ts'
export type { PathStep } from './yaml/locate.ts'
export type { Scalar } from './yaml/set-scalar.ts'
export { isRecord, own, PlainScalar, scalarNumber, scalarText, TaggedValue } from './yaml/values.ts'
export type { YamlValue } from './yaml/values.ts'
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
export { generatedBy } from './defaults.ts'
export { fillAssets, takeAssets } from './mocks/assets.ts'
export { formatMappings } from './mocks/format-mappings.ts'
export { formatMock } from './mocks/format-mock.ts'
export type { NewMock } from './mocks/format-mock.ts'
export { formatTimestamp } from './test-case/timestamp.ts'
export { protocolNames } from './vocabulary/call.ts'
export type { Call, CallCause, CallContent, CallLifetime, ProtocolName, Value } from './vocabulary/call.ts'
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
  LlmUse,
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
