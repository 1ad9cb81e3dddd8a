/** Adds system properties to what `JAVA_TOOL_OPTIONS` holds; the last one of a name counts. */
export function javaToolOptions(written: string | undefined, properties: Readonly<Record<string, string>>): string {
  const added = Object.entries(properties).map(([name, value]) => quoted(`-D${name}=${value}`))
  return [...(written === undefined || written.trim() === '' ? [] : [written.trim()]), ...added].join(' ')
}

/** Java splits the variable at white space, and knows both kinds of quotes. */
function quoted(option: string): string {
  if (!/[\s'"|]/.test(option)) return option
  return option.includes('"') ? `'${option}'` : `"${option}"`
}
