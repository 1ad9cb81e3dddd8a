import { isIP } from 'node:net'
import { connect } from 'node:tls'

import type { CliIo } from '../../cli/io.ts'
import { printable } from '../../cli/printable.ts'

const LIMIT_MS = 3_000

/**
 * Says before a recording begins that the service's certificate will not be accepted. Nothing else is judged here: a
 * service that can't be reached now may be there when clients come.
 */
export async function warnUntrusted(target: string, io: CliIo): Promise<void> {
  const problem = await certificateProblem(target)
  if (problem === undefined) return
  io.stderr.write(
    `warning: The certificate of ${printable(target)} is not trusted (${printable(problem)}), so no request will get through. ` +
      'Name the file of its authority in NODE_EXTRA_CA_CERTS and start again.\n',
  )
}

async function certificateProblem(target: string): Promise<string | undefined> {
  if (!URL.canParse(target)) return undefined
  const { protocol, hostname, port } = new URL(target)
  if (protocol !== 'https:') return undefined
  const host = hostname.replace(/^\[|\]$/g, '')
  return await new Promise((resolve) => {
    // What is wrong is asked for, not obeyed, and nothing is sent.
    const socket = connect({
      host,
      port: Number(port || 443),
      servername: isIP(host) === 0 ? host : '',
      ALPNProtocols: ['http/1.1'],
      rejectUnauthorized: false,
      timeout: LIMIT_MS,
    })
    const end = (problem?: string) => {
      socket.destroy()
      resolve(problem)
    }
    socket.once('secureConnect', () => end(socket.authorized ? undefined : codeOf(socket.authorizationError)))
    socket.once('error', () => end())
    socket.once('timeout', () => end())
  })
}

// Typed as an error; it is the code itself, except where the name does not fit.
function codeOf(error: Error | string | undefined): string {
  if (typeof error === 'string') return error
  return error !== undefined && 'code' in error ? String(error.code) : (error?.message ?? 'unknown reason')
}
