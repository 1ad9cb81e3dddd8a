/** Structures of the benchmark: plain data, made the same way on every run. */
interface Item {
  id: string
  sku: string
  name: string
  price: number
  stock: number
  tags: string[]
  dimensions: { width: number; height: number; depth: number }
  active: boolean
  description: string
}

export interface Catalogue {
  total: number
  items: Item[]
}

/** A catalogue whose JSON text has about `bytes` bytes. */
export function makeCatalogue(bytes: number): Catalogue {
  const items = Array.from({ length: Math.round(bytes / 290) }, (_, index) => ({
    id: `item-${index}`,
    sku: `SKU-${(index * 7919) % 100_003}`,
    name: `Product number ${index}`,
    price: ((index * 37) % 10_000) / 100,
    stock: (index * 13) % 500,
    tags: ['new', `group-${index % 17}`, index % 2 === 0 ? 'even' : 'odd'],
    dimensions: { width: (index % 90) + 10, height: (index % 70) + 5, depth: (index % 40) + 1 },
    active: index % 3 !== 0,
    description: `A fairly ordinary thing of kind ${index % 100}, made of wood and steel.`,
  }))
  return { total: items.length, items }
}

/** Changes five fields, spread over the document. */
export function changeFive(catalogue: Catalogue): Catalogue {
  const copy = structuredClone(catalogue)
  for (let change = 1; change <= 5; change++) {
    const item = copy.items[Math.floor((copy.items.length * change) / 6)]
    if (item !== undefined) item.price += 1
  }
  return copy
}

/** Puts one element into the middle of the list. */
export function insertOne(catalogue: Catalogue): Catalogue {
  const copy = structuredClone(catalogue)
  const middle = Math.floor(copy.items.length / 2)
  const first = copy.items[0]
  if (first !== undefined)
    copy.items.splice(middle, 0, { ...first, id: 'item-new', sku: 'SKU-NEW', name: 'Put in between' })
  return copy
}
