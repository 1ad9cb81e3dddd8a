import { generatedBy } from '../defaults.ts'
import { splitIntoDocuments } from '../documents/document.ts'
import { isReadableVersion } from '../documents/kinds.ts'
import { headerValue, type HeaderPair } from '../vocabulary/headers.ts'
import type { InputIssue } from '../vocabulary/issue.ts'
import type { BodyValue, FormPart, TestCase, TestRequest, TestResponse } from '../vocabulary/test-case.ts'
import { isRecord, own, scalarNumber, scalarText } from '../yaml/values.ts'
import { decodeAssertions } from './assertions.ts'
import { decodeBody, skippedSize } from './body.ts'
import { restoreFormBody } from './form-body.ts'
import { decodeGrpc } from './grpc.ts'
import { decodeHeaders } from './headers.ts'
import { parseTimestamp } from './timestamp.ts'

export interface ParseTestCaseOptions {
  /** The file's name as it stands in issues, and in `TestCase.file`. */
  readonly file: string
}

export interface ParsedTestCase {
  readonly test?: TestCase
  readonly issues: InputIssue[]
}

/**
 * Reads the test of a file, in any of Keploy's dialects.
 *
 * @example
 * const { test, issues } = parseTestCase(text, { file: 'tests/get-health-1.yaml' })
 */
export function parseTestCase(text: string, options: ParseTestCaseOptions): ParsedTestCase {
  const [document, ...more] = splitIntoDocuments(text, options)
  if (document === undefined) {
    return {
      issues: [
        {
          code: 'KEPLOY_FORMAT_EMPTY',
          severity: 'error',
          message: 'This file holds no document.',
          file: options.file,
          line: 1,
          column: 1,
        },
      ],
    }
  }
  if (document.issue !== undefined) return { issues: [document.issue] }
  const ours = text.startsWith(generatedBy)
  const parsed = decodeTestCase(document.model, { file: options.file, line: document.line, exactBodies: ours })
  if (more.length > 0) {
    parsed.issues.push({
      code: 'KEPLOY_FORMAT_EXTRA_DOCUMENTS',
      severity: 'warning',
      message: `A test file holds one test; the ${more.length} documents behind it are not used.`,
      file: options.file,
      line: more[0]!.line,
    })
  }
  return parsed
}

export interface DecodeTestCaseOptions extends ParseTestCaseOptions {
  /** Where the document begins. Default: 1. */
  readonly line?: number
  /** The bodies are known to stand in the file as they were sent (see `restoreFormBody`). Default: false. */
  readonly exactBodies?: boolean
}

/** Makes a test of a document's model; what is wrong with it comes back as issues. */
export function decodeTestCase(model: unknown, options: DecodeTestCaseOptions): ParsedTestCase {
  const issues: InputIssue[] = []
  const report = (code: string, severity: InputIssue['severity'], message: string, path: string): void => {
    issues.push({ code, severity, message, file: options.file, path, line: options.line ?? 1 })
  }
  const kind = scalarText(own(model, 'kind'))
  const version = scalarText(own(model, 'version'))
  if (!isReadableVersion(version)) {
    report('KEPLOY_FORMAT_VERSION', 'error', versionMessage(version), 'version')
    return { issues }
  }
  if (kind !== 'Http' && kind !== 'gRPC') {
    report('KEPLOY_FORMAT_KIND', 'error', `A test is of kind Http or gRPC, not ${kind ?? 'without a kind'}.`, 'kind')
    return { issues }
  }
  const spec = own(model, 'spec')
  const [requestKey, responseKey] = kind === 'Http' ? ['req', 'resp'] : ['grpcReq', 'grpcResp']
  const request = own(spec, requestKey)
  const response = own(spec, responseKey)
  if (!isRecord(request)) {
    report('KEPLOY_FORMAT_NO_REQUEST', 'error', 'This test has no request.', `spec.${requestKey}`)
  }
  if (!isRecord(response)) {
    report('KEPLOY_FORMAT_NO_RESPONSE', 'error', 'This test has no response to compare with.', `spec.${responseKey}`)
  }
  if (!isRecord(request) || !isRecord(response)) return { issues }
  const halves =
    kind === 'Http'
      ? { request: decodeRequest(request, options, report), response: decodeResponse(response, report) }
      : decodeGrpc(request, response)
  if (issues.some((issue) => issue.severity === 'error')) return { issues }
  const description = scalarText(own(own(spec, 'metadata'), 'description'))
  const appPort = scalarNumber(own(spec, 'app_port'))
  const name = scalarText(own(model, 'name')) ?? ''
  const test: TestCase = {
    name: name === '' ? nameFromFile(options.file) : name,
    kind,
    file: options.file,
    request: halves.request,
    response: halves.response,
    assertions: decodeAssertions(spec, model),
    annotations: {
      ...(description === undefined || description === '' ? {} : { description }),
      tags: [],
      skip: false,
      only: false,
    },
    created: scalarNumber(own(spec, 'created')) ?? 0,
    ...(appPort === undefined || appPort === 0 ? {} : { appPort }),
  }
  return { test, issues }
}

type Report = (code: string, severity: InputIssue['severity'], message: string, path: string) => void

function versionMessage(version: string | undefined): string {
  return version === undefined
    ? "This document names no version, so it is not one of Keploy's."
    : `The version ${version} is not known; versions of api.keploy.io and api.keploy-enterprise(-server).io v1beta1 and v1beta2 are read.`
}

function nameFromFile(file: string): string {
  return file.replace(/^.*\//, '').replace(/\.[^.]*$/, '')
}

function decodeRequest(source: Record<string, unknown>, options: DecodeTestCaseOptions, report: Report): TestRequest {
  const method = scalarText(own(source, 'method')) ?? ''
  const url = scalarText(own(source, 'url')) ?? ''
  if (method === '') report('KEPLOY_FORMAT_VALUE', 'error', 'The request has no method.', 'spec.req.method')
  if (url === '') report('KEPLOY_FORMAT_VALUE', 'error', 'The request has no URL.', 'spec.req.url')
  const headers = decodeHeaders(own(source, 'header'))
  const body = decodeRequestBody(own(source, 'body'), headers, options, report)
  const ref = own(source, 'body_ref')
  const refPath = scalarText(own(ref, 'path'))
  const form = decodeForm(own(source, 'form'))
  return {
    method,
    url,
    protoMajor: scalarNumber(own(source, 'proto_major')) ?? 1,
    protoMinor: scalarNumber(own(source, 'proto_minor')) ?? 1,
    headers,
    body,
    ...(refPath === undefined || refPath === ''
      ? {}
      : { bodyRef: { path: refPath, size: scalarNumber(own(ref, 'size')) ?? 0 } }),
    ...(form === undefined ? {} : { form }),
    timestamp: parseTimestamp(scalarText(own(source, 'timestamp'))),
  }
}

function decodeRequestBody(
  value: unknown,
  headers: readonly HeaderPair[],
  options: DecodeTestCaseOptions,
  report: Report,
): BodyValue {
  const contentType = headerValue(headers, 'content-type') ?? ''
  const body = decodeBody(value, contentType)
  if (options.exactBodies === true || body.type !== 'text') return body
  if (contentType !== 'application/x-www-form-urlencoded') return body
  const length = headerValue(headers, 'content-length')
  const restored = restoreFormBody(body.text, length === undefined ? undefined : Number(length))
  if (!restored.certain) {
    report(
      'KEPLOY_FORMAT_FORM_BODY',
      'warning',
      'Keploy stored this form decoded, and nothing shows how exactly it was encoded; it is encoded again field by field.',
      'spec.req.body',
    )
  }
  return restored.changed ? { type: 'text', text: restored.body } : body
}

function decodeForm(value: unknown): readonly FormPart[] | undefined {
  if (!Array.isArray(value) || value.length === 0) return undefined
  const texts = (list: unknown): string[] =>
    (Array.isArray(list) ? list : list === undefined || list === null ? [] : [list]).map(
      (item) => scalarText(item) ?? '',
    )
  return value.map((part) => ({
    key: scalarText(own(part, 'key')) ?? '',
    values: texts(own(part, 'values')),
    paths: texts(own(part, 'paths')),
  }))
}

function decodeResponse(source: Record<string, unknown>, report: Report): TestResponse {
  const status = scalarNumber(own(source, 'status_code'))
  if (status === undefined || !Number.isInteger(status) || status < 0 || status > 999) {
    report(
      'KEPLOY_FORMAT_VALUE',
      'error',
      `The response has no usable status code (${scalarText(own(source, 'status_code')) ?? 'none'}).`,
      'spec.resp.status_code',
    )
  }
  const headers = decodeHeaders(own(source, 'header'))
  const skipped = skippedSize(source)
  const body = own(source, 'body')
  if (isRecord(body)) {
    report(
      'KEPLOY_FORMAT_BODY_MAPPING',
      'warning',
      'The response body is a mapping, not the text that was sent; it is read as JSON.',
      'spec.resp.body',
    )
  }
  return {
    status: status ?? 0,
    statusMessage: scalarText(own(source, 'status_message')) ?? '',
    headers,
    body:
      skipped === undefined
        ? decodeBody(body, headerValue(headers, 'content-type') ?? '')
        : { type: 'omitted', size: skipped },
    timestamp: parseTimestamp(scalarText(own(source, 'timestamp'))),
  }
}
