import type { Value } from '@keploy-framework/format'

export type Tree = { readonly [key: string]: Value }

/** Operations of the wire protocol by their number. */
export const OPCODES = {
  reply: 1,
  update: 2001,
  insert: 2002,
  query: 2004,
  getMore: 2005,
  delete: 2006,
  killCursors: 2007,
  compressed: 2012,
  msg: 2013,
} as const

export const FLAGS = { checksumPresent: 1, moreToCome: 2, exhaustAllowed: 0x10000 } as const

/** Documents beside the body of an OP_MSG (a section of kind 1). */
export interface Sequence {
  readonly identifier: string
  readonly documents: readonly Tree[]
}

export interface Header {
  readonly length: number
  readonly requestId: number
  readonly responseTo: number
  readonly opcode: number
}

/** What a message says beside its header. */
export type MessageBody =
  | { readonly type: 'msg'; readonly flags: number; readonly body: Tree; readonly sequences: readonly Sequence[] }
  | {
      readonly type: 'query'
      readonly flags: number
      readonly collection: string
      readonly skip: number
      readonly limit: number
      readonly query: Tree
      readonly fields?: Tree
    }
  | {
      readonly type: 'reply'
      readonly flags: number
      readonly cursor: bigint
      readonly startingFrom: number
      readonly documents: readonly Tree[]
    }
  /** One of the operations without an answer or without documents that servers dropped in version 6. */
  | { readonly type: 'legacy' }

export interface Message {
  readonly requestId: number
  readonly responseTo: number
  readonly body: MessageBody
}
