import { readLimited } from '../agents/read-limited.ts'

/** Where an OpenAI-compatible API is. */
export interface CompletionEndpoint {
  /** Up to and including the version: `https://api.openai.com/v1`. */
  readonly baseUrl: string
  readonly apiKey: string | undefined
}

/**
 * Posts a question to an OpenAI-compatible endpoint. `text` is undefined when the answer is larger than `maxBytes`; rejects
 * when nothing answers, or the signal comes first.
 */
export async function postCompletion(
  { baseUrl, apiKey }: CompletionEndpoint,
  body: object,
  { signal, maxBytes }: { readonly signal: AbortSignal; readonly maxBytes: number },
): Promise<{ status: number; text: string | undefined }> {
  const response = await fetch(`${baseUrl}/chat/completions`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(apiKey !== undefined && { authorization: `Bearer ${apiKey}` }),
    },
    body: JSON.stringify(body),
    // The key is for this host and no other.
    redirect: 'error',
    signal,
  })
  return { status: response.status, text: await readLimited(response.body, maxBytes) }
}
