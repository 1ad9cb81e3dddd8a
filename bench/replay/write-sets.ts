import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { page } from './page.ts'

/** Writes sets of independent tests of the benchmark's service, as Keploy would have recorded them. */
export async function writeSets(folder: string, count: number, sets = 1): Promise<void> {
  for (let set = 0; set < sets; set += 1) await writeSet(join(folder, 'keploy', `test-set-${set}`, 'tests'), count)
}

async function writeSet(tests: string, count: number): Promise<void> {
  await mkdir(tests, { recursive: true })
  for (let start = 0; start < count; start += 500) {
    const batch = Array.from({ length: Math.min(500, count - start) }, (_, offset) => start + offset)
    await Promise.all(batch.map((index) => writeFile(join(tests, `get-item-${index + 1}.yaml`), testFile(index))))
  }
}

function testFile(index: number): string {
  const at = new Date(Date.UTC(2026, 0, 1) + index).toISOString()
  const body = JSON.stringify(page(String(index)))
  return `version: api.keploy.io/v1beta1
kind: Http
name: get-item-${index + 1}
spec:
  metadata: {}
  req:
    method: GET
    proto_major: 1
    proto_minor: 1
    url: http://localhost:8080/api/v1/items/${index}
    header:
      Accept: '*/*'
      Host: localhost:8080
      User-Agent: bench/1
    body: ""
    timestamp: ${at}
  resp:
    status_code: 200
    header:
      Content-Length: "${body.length}"
      Content-Type: application/json
      Date: Thu, 01 Jan 2026 00:00:00 GMT
    body: '${body}'
    status_message: OK
    proto_major: 0
    proto_minor: 0
    timestamp: ${at}
  objects: []
  assertions:
    noise:
      header.Date: []
  created: 1767225600
  app_port: 8080
`
}
