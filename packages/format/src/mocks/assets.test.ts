import { describe, expect, it } from 'vitest'

import { fillAssets, takeAssets } from './assets.ts'

describe('long values of a mock', () => {
  const bytes = new Uint8Array(70_000).fill(7)
  const text = 'é'.repeat(70_000)
  const spec = { request: { rows: [['short', bytes], [text]] }, response: null, n: 1 }

  it('lie in files beside, and come back as they were', () => {
    const taken = takeAssets('mock-3', spec)
    expect([...taken.files.keys()]).toEqual(['assets/mock-3/1.bin', 'assets/mock-3/2.txt'])
    expect(taken.spec).toEqual({
      request: {
        rows: [
          ['short', { $asset: 'assets/mock-3/1.bin', type: 'binary', size: 70_000 }],
          [{ $asset: 'assets/mock-3/2.txt', type: 'text', size: 140_000 }],
        ],
      },
      response: null,
      n: 1,
    })
    expect(fillAssets(taken.spec, (path) => taken.files.get(path))).toEqual({ spec })
  })

  it('stay where they are when they are short', () => {
    const short = { a: 'x', b: new Uint8Array(10) }
    expect(takeAssets('mock-0', short).spec).toBe(short)
  })

  it('are told when their file is gone, or is not what it was', () => {
    const { spec: taken } = takeAssets('mock-3', spec)
    expect(fillAssets(taken, () => undefined)).toEqual({ problem: 'its file assets/mock-3/1.bin is not in the set' })
    expect(fillAssets(taken, () => bytes.subarray(1))).toEqual({
      problem: 'its file assets/mock-3/1.bin has 69999 bytes, and 70000 are said in the document (size)',
    })
    const unsized = { body: { $asset: 'assets/mock-3/1.bin', type: 'binary' } }
    expect(fillAssets(unsized, () => bytes)).toEqual({ spec: { body: bytes } })
  })
})
