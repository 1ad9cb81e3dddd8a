import { isRecord, type PathStep, TaggedValue } from '../../packages/format/src/index.ts'

/** Every scalar of a model with its path, in the order of the document. */
export function scalarPaths(model: unknown): { path: PathStep[]; value: unknown }[] {
  const found: { path: PathStep[]; value: unknown }[] = []
  const visit = (value: unknown, path: PathStep[]): void => {
    if (value instanceof TaggedValue) {
      if (!isRecord(value.value) && !Array.isArray(value.value)) found.push({ path, value })
    } else if (Array.isArray(value)) {
      for (const [index, item] of value.entries()) visit(item, [...path, index])
    } else if (isRecord(value)) {
      for (const key of Object.keys(value)) visit(value[key], [...path, key])
    } else if (path.length > 0) {
      found.push({ path, value })
    }
  }
  visit(model, [])
  return found
}
