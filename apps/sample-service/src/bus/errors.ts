/** A message that no retry will help: it goes to the dead-letter topic at once, with this message as the reason. */
export class PoisonError extends Error {
  override readonly name = 'PoisonError'
}

/** Something that the handler needs is away. The message is tried again until it is back, however long that takes. */
export class UnavailableError extends Error {
  override readonly name = 'UnavailableError'
}

/** A message that no broker would take, however often it is published. */
export class OversizeError extends Error {
  override readonly name = 'OversizeError'
}
