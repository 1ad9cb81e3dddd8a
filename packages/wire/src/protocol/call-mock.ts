import type { CallContent, ProtocolName, Value, YamlValue } from '@keploy-framework/format'

import type { DecodedMock, MockSpec } from './mock-codec.ts'
import { toValue } from './value.ts'

/**
 * Writes a call as a document of our own kind `Call`: its trees as they are. For protocols and calls for which Keploy has no
 * kind; such documents stand in a file beside `mocks.yaml`.
 */
export function encodeCall(call: CallContent): MockSpec {
  const { protocol, operation, request, response, ended } = call
  return {
    kind: 'Call',
    spec: {
      protocol,
      operation,
      request: request as YamlValue,
      ...(response !== undefined && { response: response as YamlValue }),
      ...(ended !== undefined && { ended }),
    },
  }
}

/** Reads what `encodeCall` wrote, for one protocol. */
export function decodeCall(
  protocol: ProtocolName,
  mock: MockSpec & { readonly lifetime: CallContent['lifetime'] },
): DecodedMock {
  const { spec, lifetime } = mock
  if (spec['protocol'] !== protocol) return { problem: `spec.protocol is not ${protocol}` }
  const { operation, ended } = spec
  if (typeof operation !== 'string') return { problem: 'spec.operation is no text' }
  if (ended !== undefined && ended !== 'end' && ended !== 'reset')
    return { problem: 'spec.ended is neither end nor reset' }
  const response: Value | undefined = spec['response'] === undefined ? undefined : toValue(spec['response'])
  return {
    calls: [
      {
        protocol,
        operation,
        request: toValue(spec['request'] ?? null),
        ...(response !== undefined && { response }),
        lifetime,
        ...(ended !== undefined && { ended }),
      },
    ],
  }
}
