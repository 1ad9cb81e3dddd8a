/** Why the server ends a WebSocket. Further ones are the protocol's own: 1007 for invalid UTF-8, 1009 for a message that is too large. */
export const closeCodes = {
  goingAway: 1001,
  unsupported: 1003,
  policyViolation: 1008,
  /** "Try again later". */
  tooSlow: 1013,
  /** A code of our own (RFC 6455 leaves 4000 to 4999 to applications), with the number that HTTP uses. */
  tokenExpired: 4401,
} as const
