/** How an argument of a method stands in bytes. */
export type FieldType = 'octet' | 'short' | 'long' | 'longlong' | 'bit' | 'shortstr' | 'longstr' | 'table'

export interface Method {
  /** `queue.declare`. */
  readonly name: string
  readonly classId: number
  readonly methodId: number
  /** Arguments in order; those without a meaning have no name. */
  readonly fields: readonly { readonly name?: string; readonly type: FieldType }[]
  /** Whether a header and a body follow. */
  readonly content: boolean
}

// The methods of AMQP 0-9-1 (its XML specification) and the extensions of RabbitMQ. `-` has no meaning any more.
const SPECIFICATION = `
10.10 connection.start versionMajor:octet versionMinor:octet serverProperties:table mechanisms:longstr locales:longstr
10.11 connection.start-ok clientProperties:table mechanism:shortstr response:longstr locale:shortstr
10.20 connection.secure challenge:longstr
10.21 connection.secure-ok response:longstr
10.30 connection.tune channelMax:short frameMax:long heartbeat:short
10.31 connection.tune-ok channelMax:short frameMax:long heartbeat:short
10.40 connection.open virtualHost:shortstr -:shortstr -:bit
10.41 connection.open-ok -:shortstr
10.50 connection.close replyCode:short replyText:shortstr classId:short methodId:short
10.51 connection.close-ok
10.60 connection.blocked reason:shortstr
10.61 connection.unblocked
10.70 connection.update-secret newSecret:longstr reason:shortstr
10.71 connection.update-secret-ok
20.10 channel.open -:shortstr
20.11 channel.open-ok -:longstr
20.20 channel.flow active:bit
20.21 channel.flow-ok active:bit
20.40 channel.close replyCode:short replyText:shortstr classId:short methodId:short
20.41 channel.close-ok
30.10 access.request realm:shortstr exclusive:bit passive:bit active:bit write:bit read:bit
30.11 access.request-ok ticket:short
40.10 exchange.declare -:short exchange:shortstr type:shortstr passive:bit durable:bit autoDelete:bit internal:bit nowait:bit arguments:table
40.11 exchange.declare-ok
40.20 exchange.delete -:short exchange:shortstr ifUnused:bit nowait:bit
40.21 exchange.delete-ok
40.30 exchange.bind -:short destination:shortstr source:shortstr routingKey:shortstr nowait:bit arguments:table
40.31 exchange.bind-ok
40.40 exchange.unbind -:short destination:shortstr source:shortstr routingKey:shortstr nowait:bit arguments:table
40.51 exchange.unbind-ok
50.10 queue.declare -:short queue:shortstr passive:bit durable:bit exclusive:bit autoDelete:bit nowait:bit arguments:table
50.11 queue.declare-ok queue:shortstr messageCount:long consumerCount:long
50.20 queue.bind -:short queue:shortstr exchange:shortstr routingKey:shortstr nowait:bit arguments:table
50.21 queue.bind-ok
50.30 queue.purge -:short queue:shortstr nowait:bit
50.31 queue.purge-ok messageCount:long
50.40 queue.delete -:short queue:shortstr ifUnused:bit ifEmpty:bit nowait:bit
50.41 queue.delete-ok messageCount:long
50.50 queue.unbind -:short queue:shortstr exchange:shortstr routingKey:shortstr arguments:table
50.51 queue.unbind-ok
60.10 basic.qos prefetchSize:long prefetchCount:short global:bit
60.11 basic.qos-ok
60.20 basic.consume -:short queue:shortstr consumerTag:shortstr noLocal:bit noAck:bit exclusive:bit nowait:bit arguments:table
60.21 basic.consume-ok consumerTag:shortstr
60.30 basic.cancel consumerTag:shortstr nowait:bit
60.31 basic.cancel-ok consumerTag:shortstr
60.40 basic.publish -:short exchange:shortstr routingKey:shortstr mandatory:bit immediate:bit +
60.50 basic.return replyCode:short replyText:shortstr exchange:shortstr routingKey:shortstr +
60.60 basic.deliver consumerTag:shortstr deliveryTag:longlong redelivered:bit exchange:shortstr routingKey:shortstr +
60.70 basic.get -:short queue:shortstr noAck:bit
60.71 basic.get-ok deliveryTag:longlong redelivered:bit exchange:shortstr routingKey:shortstr messageCount:long +
60.72 basic.get-empty -:shortstr
60.80 basic.ack deliveryTag:longlong multiple:bit
60.90 basic.reject deliveryTag:longlong requeue:bit
60.100 basic.recover-async requeue:bit
60.110 basic.recover requeue:bit
60.111 basic.recover-ok
60.120 basic.nack deliveryTag:longlong multiple:bit requeue:bit
85.10 confirm.select nowait:bit
85.11 confirm.select-ok
90.10 tx.select
90.11 tx.select-ok
90.20 tx.commit
90.21 tx.commit-ok
90.30 tx.rollback
90.31 tx.rollback-ok
`

const methods: readonly Method[] = SPECIFICATION.trim()
  .split('\n')
  .map((line) => {
    const [ids = '', name = '', ...rest] = line.split(' ')
    const [classId, methodId] = ids.split('.').map(Number)
    return {
      name,
      classId: classId as number,
      methodId: methodId as number,
      content: rest.at(-1) === '+',
      fields: rest
        .filter((field) => field !== '+')
        .map((field) => {
          const [argument, type] = field.split(':')
          return { ...(argument !== '-' && { name: argument as string }), type: type as FieldType }
        }),
    }
  })

const byName = new Map(methods.map((method) => [method.name, method]))
const byIds = new Map(methods.map((method) => [`${method.classId}.${method.methodId}`, method]))

/** The method of a name, such as `queue.declare`. */
export function methodNamed(name: string): Method | undefined {
  return byName.get(name)
}

/** The method of two numbers, as frames have them. */
export function methodOf(classId: number, methodId: number): Method | undefined {
  return byIds.get(`${classId}.${methodId}`)
}

/** Names of the methods that answer a method of a client; none where no answer is due. */
export function repliesTo(name: string): readonly string[] {
  if (name === 'basic.get') return ['basic.get-ok', 'basic.get-empty']
  return byName.has(`${name}-ok`) ? [`${name}-ok`] : []
}
