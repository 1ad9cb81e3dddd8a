// Characters that XML 1.0 has no way to write, not even as a reference; and halves of surrogate pairs.
const FORBIDDEN =
  // oxlint-disable-next-line no-control-regex -- finding control characters is the point
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Cs}/gu

/**
 * Text for XML content and attribute values. A character that XML cannot hold is written out as `\u{1b}`.
 *
 * @example
 * xmlText('<a & b>') // '&lt;a &amp; b&gt;'
 */
export function xmlText(text: string): string {
  return text
    .replace(FORBIDDEN, (found) => `\\u{${(found.codePointAt(0) ?? 0).toString(16)}}`)
    .replace(/[&<>"'\t\n\r]/g, (found) => ENTITIES[found] ?? found)
}

// White space is written as references, because a parser would turn it into plain spaces inside an attribute.
const ENTITIES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
  '\t': '&#9;',
  '\n': '&#10;',
  '\r': '&#13;',
}

/** One element start, `<name a="b"`, without its end. Attributes that are undefined are left out. */
export function startTag(name: string, attributes: Readonly<Record<string, string | number | undefined>>): string {
  const list = Object.entries(attributes).map(([key, value]) =>
    value === undefined ? '' : ` ${key}="${xmlText(String(value))}"`,
  )
  return `<${name}${list.join('')}`
}
