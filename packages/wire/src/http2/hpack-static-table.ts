import type { HeaderPair } from '@keploy-framework/format'

/** Names, and the values that some of them have, in the order of RFC 7541, appendix A. */
const ENTRIES = `:authority
:method=GET
:method=POST
:path=/
:path=/index.html
:scheme=http
:scheme=https
:status=200
:status=204
:status=206
:status=304
:status=400
:status=404
:status=500
accept-charset
accept-encoding=gzip, deflate
accept-language
accept-ranges
accept
access-control-allow-origin
age
allow
authorization
cache-control
content-disposition
content-encoding
content-language
content-length
content-location
content-range
content-type
cookie
date
etag
expect
expires
from
host
if-match
if-modified-since
if-none-match
if-range
if-unmodified-since
last-modified
link
location
max-forwards
proxy-authenticate
proxy-authorization
range
referer
refresh
retry-after
server
set-cookie
strict-transport-security
transfer-encoding
user-agent
vary
via
www-authenticate`

/** The entries 1 to 61 of every HPACK table. */
export const STATIC_TABLE: readonly HeaderPair[] = ENTRIES.split('\n').map((line): HeaderPair => {
  const equals = line.indexOf('=')
  return equals === -1 ? [line, ''] : [line.slice(0, equals), line.slice(equals + 1)]
})
