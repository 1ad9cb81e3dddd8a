/** Controls, and marks that turn the direction of text or end lines. */
const MISLEADING =
  // oxlint-disable-next-line no-control-regex -- finding control characters is the point
  /[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g

/**
 * Text from outside on one line and cut, so that it can stand in a message: white space becomes a blank, other controls
 * are written out.
 *
 * @param limit in UTF-16 units; the cut is marked. Default: 200
 * @example
 * oneLine('a\nb\u001b[31m') // 'a b\\u001b[31m'
 */
export function oneLine(text: string, limit = 200): string {
  // What is cut off anyway is not looked at.
  const line = text
    .slice(0, limit * 4)
    .replaceAll(/\s+/g, ' ')
    .replaceAll(MISLEADING, (found) => `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}`)
  return line.length <= limit && text.length <= limit * 4 ? line : `${line.slice(0, limit - 1)}…`
}
