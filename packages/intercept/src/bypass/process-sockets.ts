import { readdir, readFile, readlink } from 'node:fs/promises'

import { parseSocketTable, type SocketEntry } from './socket-table.ts'

/** A socket, and the process that holds it. */
export interface HeldSocket extends SocketEntry {
  readonly pid: number
}

/** A service does not have more processes than this; further ones are not looked at. */
const MAX_PROCESSES = 512

/** The TCP sockets of a process and all below it. Processes that end meanwhile, or are not ours to see, have none. */
export async function socketsOf(root: number): Promise<HeldSocket[]> {
  const tables = new Map<string, Promise<SocketEntry[]>>()
  const found = await Promise.all(
    (await processTree(root)).map(async (pid) => {
      const [namespace, inodes] = await Promise.all([readlink(`/proc/${pid}/ns/net`).catch(() => ''), inodesOf(pid)])
      if (inodes.size === 0) return []
      let table = tables.get(namespace)
      if (table === undefined) tables.set(namespace, (table = tableOf(pid)))
      return (await table).filter(({ inode }) => inodes.has(inode)).map((entry) => ({ ...entry, pid }))
    }),
  )
  return found.flat()
}

async function processTree(root: number): Promise<number[]> {
  const pids = [root]
  for (let at = 0; at < pids.length && pids.length < MAX_PROCESSES; at += 1) {
    const tasks = await readdir(`/proc/${pids[at]}/task`).catch(() => [])
    const children = await Promise.all(
      tasks.map((task) => readFile(`/proc/${pids[at]}/task/${task}/children`, 'latin1').catch(() => '')),
    )
    pids.push(...children.join(' ').split(/\s+/).filter(Boolean).map(Number))
  }
  return pids
}

async function inodesOf(pid: number): Promise<Set<string>> {
  const folder = `/proc/${pid}/fd`
  const names = await readdir(folder).catch(() => [])
  const links = await Promise.all(names.map((name) => readlink(`${folder}/${name}`).catch(() => '')))
  return new Set(links.flatMap((link) => /^socket:\[(\d+)\]$/.exec(link)?.[1] ?? []))
}

async function tableOf(pid: number): Promise<SocketEntry[]> {
  const texts = await Promise.all(
    ['tcp', 'tcp6'].map((name) => readFile(`/proc/${pid}/net/${name}`, 'latin1').catch(() => '')),
  )
  return texts.flatMap(parseSocketTable)
}
