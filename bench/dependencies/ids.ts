/** Requests that differ: each client goes through them in turn. */
export const IDS = 100
