import type { ServiceDefinition } from '@grpc/grpc-js'

/** A service that keeps items, with messages of protobuf. */
export const stock: ServiceDefinition
