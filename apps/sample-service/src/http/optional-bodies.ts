interface Described {
  paths?: Record<
    string,
    Record<string, { requestBody?: { required?: boolean; content: Record<string, { schema?: object }> } }>
  >
}

/**
 * Says of bodies that may be null that they may be left out, which is the same to routes. The plugin that describes them
 * takes all bodies for required.
 */
export function withOptionalBodies<Document extends object>(document: Document): Document {
  for (const operations of Object.values((document as Described).paths ?? {})) {
    for (const { requestBody } of Object.values(operations)) {
      if (requestBody && Object.values(requestBody.content).every(({ schema }) => takesNull(schema))) {
        requestBody.required = false
      }
    }
  }
  return document
}

function takesNull(schema: { type?: unknown; anyOf?: object[] } = {}): boolean {
  return schema.type === 'null' || (schema.anyOf ?? []).some(takesNull)
}
