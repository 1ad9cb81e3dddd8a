import type { BodyValue, HeaderList, TestCase } from '@keploy-framework/format'

import { decodeTemplatesInUrl, fillTemplates, hasTemplate, type TemplateLookup } from './templates.ts'

const NONE: readonly never[] = []

export interface RenderedTest {
  readonly test: TestCase
  /** Names of templates without a value. */
  readonly missing: readonly string[]
}

/**
 * Fills Keploy's templates everywhere in a test: request and expected response. A test without any is returned as it
 * is. A name without a value is missing, unless it is literal text.
 */
export function renderTest(
  test: TestCase,
  lookup: TemplateLookup,
  isLiteral: (name: string) => boolean = () => false,
): RenderedTest {
  const url = decodeTemplatesInUrl(test.request.url)
  if (!needsRendering(test, url)) return { test, missing: NONE }
  const missing = new Set<string>()
  const fill = (text: string): string => {
    const filled = fillTemplates(text, lookup)
    for (const name of filled.missing) if (!isLiteral(name)) missing.add(name)
    return filled.text
  }
  const request = {
    ...test.request,
    url: fill(url),
    headers: fillHeaders(test.request.headers, fill),
    body: fillBody(test.request.body, fill),
  }
  const response = {
    ...test.response,
    headers: fillHeaders(test.response.headers, fill),
    body: fillBody(test.response.body, fill),
  }
  return { test: { ...test, request, response }, missing: [...missing] }
}

function needsRendering({ request, response }: TestCase, url: string): boolean {
  return (
    hasTemplate(url) ||
    bodyHasTemplate(request.body) ||
    bodyHasTemplate(response.body) ||
    headersHaveTemplate(request.headers) ||
    headersHaveTemplate(response.headers)
  )
}

function bodyHasTemplate(body: BodyValue): boolean {
  return body.type === 'text' && hasTemplate(body.text)
}

function headersHaveTemplate(headers: HeaderList): boolean {
  for (const [, value] of headers) if (hasTemplate(value)) return true
  return false
}

function fillHeaders(headers: HeaderList, fill: (text: string) => string): HeaderList {
  return headers.map(([name, value]) => [name, fill(value)])
}

function fillBody(body: BodyValue, fill: (text: string) => string): BodyValue {
  return body.type === 'text' ? { type: 'text', text: fill(body.text) } : body
}
