/** What the benchmark's service answers for an id: twenty items, about 1.5 KB as JSON. */
export function page(id: string): object {
  const items = Array.from({ length: 20 }, (_, index) => ({
    id: `${id}-${index}`,
    name: `Item ${index} of ${id}`,
    price: 12.5 + index,
    tags: ['a', 'b'],
  }))
  return { page: id, items }
}
