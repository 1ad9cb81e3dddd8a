import { textOf, trees } from '../struct.ts'
import type { Handler } from './context.ts'

export const joinGroup: Handler = ({ options, state, connection }, { body, clientId }, reply) => {
  state.group(textOf(body['groupId'])).join(body, clientId, connection, options.schedule, reply)
}

export const syncGroup: Handler = ({ state }, { body }, reply) => {
  state.group(textOf(body['groupId'])).sync(body, reply)
}

export const heartbeat: Handler = ({ state }, { body }, reply) => {
  reply({ errorCode: state.group(textOf(body['groupId'])).heartbeat(body) })
}

export const leaveGroup: Handler = ({ state }, { body }, reply) => {
  const members = trees(body['members'])
  const ids = [body['memberId'], ...members.map(({ memberId }) => memberId)].filter((id) => typeof id === 'string')
  state.group(textOf(body['groupId'])).leave(ids)
  reply({
    errorCode: 0,
    members: members.map(({ memberId, groupInstanceId }) => ({
      memberId: memberId ?? '',
      groupInstanceId: groupInstanceId ?? null,
      errorCode: 0,
    })),
  })
}
