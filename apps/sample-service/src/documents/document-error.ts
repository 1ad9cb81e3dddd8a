export type DocumentErrorCode = 'DOCUMENT_EMPTY' | 'DOCUMENT_FILTERED' | 'DOCUMENT_REFUSED' | 'DOCUMENT_UNAVAILABLE'

/** A document that could not be written. The message is for the model and its user. */
export class DocumentError extends Error {
  readonly code: DocumentErrorCode

  constructor(code: DocumentErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'DocumentError'
    this.code = code
  }
}
