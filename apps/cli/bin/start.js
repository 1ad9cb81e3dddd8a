// Plain JavaScript that any Node since 14 can parse, so that an old Node gets a sentence instead of a stack trace.
const MINIMUM = [22, 22]

/** Checks the Node version, then hands over to the built command. `alias` is put before the arguments. */
export async function start(alias) {
  const [major, minor] = process.versions.node.split('.').map(Number)
  if (major < MINIMUM[0] || (major === MINIMUM[0] && minor < MINIMUM[1])) {
    process.stderr.write(
      `keploy-framework needs Node ${MINIMUM.join('.')} or newer, and this is Node ${process.versions.node}. Install a newer Node and run the command again.\n`,
    )
    process.exit(2)
  }
  const { main } = await import('../dist/main.js')
  const args = process.argv.slice(2)
  process.exitCode = await main(alias ? [alias, ...args] : args)
}
