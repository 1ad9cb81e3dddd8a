import { protocolNames } from '@keploy-framework/format'
import { z } from 'zod'

import { key, section, text, texts } from './scalars.ts'

const protocol = z.enum(protocolNames)

/** `host:port`, a list of them, or a URL. */
const target = text.regex(/^[A-Za-z0-9[\]._:,/+?=&%@-]+$/, { error: 'an address (`host:port`) or a URL' })

const mapped = z.union(
  [
    target,
    section({
      protocol: key(protocol, 'What is spoken. Default: by the scheme of the URL, `http` without one.'),
      target: key(target, 'Where it leads, as `host:port` or a URL; default is what the variable holds.'),
    }),
  ],
  { error: () => 'an address (`host:port`), a URL, or a map with `protocol` and `target`' },
)

/** `host:port`, each with `*` for anything, the port optional. */
const hostPattern = text.regex(/^(\[[0-9A-Fa-f:*]+\]|[A-Za-z0-9._*-]+)(:(\d{1,5}|\*))?$/, {
  error: 'a host, or `host:port`, with `*` for anything',
})

/** The keys under `dependencies:`. */
export const dependenciesSection = section({
  map: key(
    z.record(z.string(), mapped),
    'Variables that lead to a dependency and are not found by themselves: `STRIPE_URL: {}` takes the address that the variable holds, `SEARCH: search:9200` sets one; `{ protocol: grpc, target: users:50051 }` says both. Only variables named here are taken when they hold a URL of HTTP.',
  ),
  ignore: key(texts, 'Variables that are left alone, although they look like an address of a dependency.'),
  bypass: key(
    z.array(hostPattern),
    'Addresses whose calls are neither recorded nor mocked: `metrics.internal`, `*.example.com:443`, `localhost:*`.',
  ),
  repeat: key(
    texts,
    'Calls that may be answered more often than they were recorded, as in a polling loop: the text of a call as reports show it, with `*` for anything, `GET job:*` or `GET api.example.com/jobs/*` for example.',
  ),
  files: key(texts, 'Files of variables that the service reads, relative to `path`; a later one wins.'),
})
