import { isMockKind, isReadableVersion, own, scalarText } from '../../packages/format/src/index.ts'

/**
 * What a document is to Keploy (`test Http`, `mock Mongo`, `mappings`, `keploy.yml`…), or `undefined` when it is none of
 * its documents.
 */
export function classify(model: unknown, file: string): string | undefined {
  const path = file.replaceAll('\\', '/')
  const name = path.slice(path.lastIndexOf('/') + 1).replace(/\.(?:ya?ml|json)$/i, '')
  const version = scalarText(own(model, 'version'))
  const kind = scalarText(own(model, 'kind'))
  if (isReadableVersion(version)) {
    if (kind === 'TestMocksMapping') return 'mappings'
    const halves = own(own(model, 'spec'), 'resp') ?? own(own(model, 'spec'), 'grpcResp')
    if (/(?:^|\/)tests\//.test(path) && halves !== undefined) return `test ${kind}`
    if (isMockKind(kind)) return `mock ${kind}`
    if (own(model, 'tests') !== undefined || own(model, 'total') !== undefined) return 'report'
    return kind === undefined ? 'other of Keploy' : `other of Keploy: ${kind}`
  }
  if (/(?:^|\/)(?:[^/]*\.)?keploy$/.test(path.replace(/\.(?:ya?ml|json)$/i, ''))) return 'keploy.yml'
  if (/(?:^|\/)(?:reports|testReports)\//.test(path) && name === 'coverage') return 'coverage'
  if (/(?:^|\/)(?:reports|testReports)\//.test(path) && own(model, 'tests') !== undefined) return 'report'
  if (/(?:^|\/)keploy\/(?:[^/]+\/)*config$/.test(path.replace(/\.(?:ya?ml|json)$/i, ''))) return 'set config'
  if (/(?:^|\/)keploy\/(?:[^/]+\/)*secret$/.test(path.replace(/\.(?:ya?ml|json)$/i, ''))) return 'set secrets'
  return undefined
}
