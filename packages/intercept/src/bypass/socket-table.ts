/** One connection of the system's socket table. */
export interface SocketEntry {
  readonly local: { readonly host: string; readonly port: number }
  readonly remote: { readonly host: string; readonly port: number }
  /** As the kernel numbers them: 1 established, 2 connecting, 10 listening. */
  readonly state: number
  readonly inode: string
}

/** Reads Linux' `/proc/<pid>/net/tcp` and `tcp6` (proc_pid_net(5)); lines that are none are passed over. */
export function parseSocketTable(text: string): SocketEntry[] {
  const line =
    /^\s*\d+: ([0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4}) ([0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4}) ([0-9A-F]{2})(?: \S+){3}\s+\d+\s+\d+ (\d+) /gm
  return [...text.matchAll(line)].map(
    ([, local = '', localPort = '', remote = '', remotePort = '', state = '', inode = '']) => ({
      local: { host: addressOf(local), port: Number.parseInt(localPort, 16) },
      remote: { host: addressOf(remote), port: Number.parseInt(remotePort, 16) },
      state: Number.parseInt(state, 16),
      inode,
    }),
  )
}

/** Words of 32 bits in the byte order of the machine, which is little-endian wherever Node runs on Linux. */
function addressOf(hex: string): string {
  const bytes = (hex.match(/.{8}/g) ?? []).flatMap((word) => [...Buffer.from(word, 'hex')].reverse())
  if (bytes.length === 4) return bytes.join('.')
  const mapped = bytes.slice(0, 10).every((byte) => byte === 0) && bytes[10] === 255 && bytes[11] === 255
  if (mapped) return bytes.slice(12).join('.')
  const groups = Array.from({ length: 8 }, (_, index) =>
    ((bytes[index * 2] ?? 0) * 256 + (bytes[index * 2 + 1] ?? 0)).toString(16),
  )
  return new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1)
}
