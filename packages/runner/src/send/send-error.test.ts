import { expect, it } from 'vitest'

import { describeSendError } from './send-error.ts'

it('names a certificate that is not trusted, and what makes it so', () => {
  const error = Object.assign(new Error('self-signed certificate'), { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' })
  expect(describeSendError(new TypeError('fetch failed', { cause: error }), false)).toEqual({
    kind: 'connection',
    message:
      "The service's certificate is not trusted (DEPTH_ZERO_SELF_SIGNED_CERT). Name the file of its authority in NODE_EXTRA_CA_CERTS.",
  })
})
