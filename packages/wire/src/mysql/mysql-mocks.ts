import { decodeCall, encodeCall } from '../protocol/call-mock.ts'
import type { MockCodec } from '../protocol/mock-codec.ts'

export const mysqlMocks: MockCodec = {
  kinds: ['MySQL', 'SQL', 'Call'],
  encode: encodeCall,
  decode: (mock) => decodeCall('mysql', mock),
}
