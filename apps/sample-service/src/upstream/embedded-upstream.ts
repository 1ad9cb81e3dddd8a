import { randomUUID } from 'node:crypto'

import type { Caller } from './caller.ts'
import { collections, sampleData, type Collection, type Item, type SampleData } from './sample-data.ts'
import { errorOfStatus } from './upstream-error.ts'
import type { Upstream, UpstreamContext, UpstreamRequest } from './upstream.ts'

export interface EmbeddedAnswer {
  status: number
  body: unknown
}

interface Tenant {
  data: SampleData
  /** What was created, by collection and key. */
  created: Map<string, Item>
}

/** Which field of an item says to what it belongs, by the collection of the owner. */
const OWNER_FIELD: Partial<Record<Collection, string>> = { clients: 'client_id', conversations: 'conversation_id' }

/** An upstream in this process with sample data, which each tenant has for itself. It forgets when the process ends. */
export class EmbeddedUpstream implements Upstream {
  readonly kind = 'embedded upstream with sample data'
  readonly #tenants = new Map<string, Tenant>()
  readonly #newId: () => string

  constructor(newId: () => string = randomUUID) {
    this.#newId = newId
  }

  async send(request: UpstreamRequest, context: UpstreamContext): Promise<unknown> {
    const { status, body } = this.answer(request, context)
    if (status >= 400) throw errorOfStatus(status, `${request.method} ${request.path}`)
    return structuredClone(body)
  }

  /** What a server with this data answers. */
  answer(request: UpstreamRequest, { caller, idempotencyKey }: UpstreamContext): EmbeddedAnswer {
    const [collection, id, part] = request.path.split('/').slice(1).map(decodeURIComponent)
    if (!isCollection(collection)) return { status: 404, body: null }
    if (!mayUse(caller, request, collection, id)) return { status: 403, body: null }
    const tenant = this.#tenantOf(caller)
    const { data } = tenant
    if (id === undefined) {
      return request.method === 'POST'
        ? this.#create(tenant, collection, request, idempotencyKey)
        : list(data, collection, request)
    }
    const item = data[collection].find((one) => one.id === id)
    if (!item) return { status: 404, body: null }
    if (part !== undefined) return partOf(data, collection, item, part)
    if (request.method === 'PATCH') Object.assign(item, request.body, { id })
    if (request.method === 'DELETE') {
      data[collection] = data[collection].filter((one) => one !== item)
      return { status: 204, body: null }
    }
    return { status: 200, body: item }
  }

  #create(
    { data, created }: Tenant,
    collection: Collection,
    { body }: UpstreamRequest,
    idempotencyKey: string,
  ): EmbeddedAnswer {
    const key = `${collection}/${idempotencyKey}`
    const known = created.get(key)
    if (known) return { status: 201, body: known }
    const item: Item = { ...(body as object), id: this.#newId() }
    data[collection].push(item)
    created.set(key, item)
    return { status: 201, body: item }
  }

  #tenantOf({ tenant: name }: Caller): Tenant {
    let tenant = this.#tenants.get(name)
    if (!tenant) this.#tenants.set(name, (tenant = { data: sampleData(), created: new Map() }))
    return tenant
  }
}

function list(data: SampleData, collection: Collection, { query = {} }: UpstreamRequest): EmbeddedAnswer {
  const { search, limit = 20, ...filters } = query
  const wanted = String(search ?? '').toLocaleLowerCase()
  const items = data[collection].filter(
    (item) =>
      JSON.stringify(item).toLocaleLowerCase().includes(wanted) &&
      Object.entries(filters).every(([field, value]) => value === undefined || String(item[field]) === String(value)),
  )
  return { status: 200, body: { items: items.slice(0, Number(limit)), total: items.length } }
}

/** `/clients/c1/summary` is a field of the client, `/clients/c1/sessions` what belongs to it. */
function partOf(data: SampleData, collection: Collection, item: Item, part: string): EmbeddedAnswer {
  const field = OWNER_FIELD[collection]
  if (isCollection(part) && field !== undefined) {
    const items = data[part].filter((one) => one[field] === item.id)
    return { status: 200, body: { items, total: items.length } }
  }
  return part in item ? { status: 200, body: { id: item.id, [part]: item[part] } } : { status: 404, body: null }
}

/** Clients see the templates and themselves. */
function mayUse(caller: Caller, { method }: UpstreamRequest, collection: Collection, id: string | undefined): boolean {
  if (caller.role === 'practitioner') return true
  return method === 'GET' && (collection === 'templates' || (collection === 'clients' && id === caller.id))
}

function isCollection(name: string | undefined): name is Collection {
  return collections.some((known) => known === name)
}
