import { describe, expect, test } from 'vitest'

import { ExactNumber } from '../json/exact-number.ts'
import { detectForm, sameForm } from './detect-form.ts'

const AT = Date.UTC(2025, 9, 28, 14)

describe('detectForm', () => {
  test.each([
    ['3f2b1c9e-8a4d-4f1e-9b7a-2c6d5e4f3a21', 'uuid'],
    ['018f4e2a-7c3b-7a2d-9e4f-1b2c3d4e5f60', 'uuid'],
    ['01HZX3KQ9V7W8Y6T5R4E3W2Q1A', 'ulid'],
    ['671f9b2e4c1d2a3b4c5d6e7f', 'objectid'],
    ['eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln', 'jwt'],
    ['2025-10-28', 'iso-date'],
    ['2025-10-28T14:00Z', 'iso-date'],
    ['2025-10-28T14:00:00Z', 'iso-date'],
    ['2025-10-28t14:00:00z', 'iso-date'],
    ['2025-10-28 14:00:00', 'iso-date'],
    ['2025-10-28T14:00:00.123456789+05:30', 'iso-date'],
    ['2025-10-28T14:00:00-0700', 'iso-date'],
    ['Tue, 28 Oct 2025 14:00:00 GMT', 'http-date'],
    ['Tue, 28-Oct-2025 14:00:00 GMT', 'http-date'],
    ['Tue, 28 Oct 2025 14:00:00 MST', 'go-time'],
    ['Tue, 28 Oct 2025 14:00:00 +0200', 'go-time'],
    ['Tuesday, 28-Oct-25 14:00:00 UTC', 'go-time'],
    ['Tue Oct 28 14:00:00 2025', 'go-time'],
    ['Tue Oct  7 14:00:00 UTC 2025', 'go-time'],
    ['Tue Oct 28 14:00:00 -0700 2025', 'go-time'],
    ['28 Oct 25 14:00 UTC', 'go-time'],
    ['28 Oct 25 14:00 -0700', 'go-time'],
    ["10/28 02:00:00PM '25 -0700", 'go-time'],
    ['Tue Oct 28 2025 14:00:00 GMT+0000 (Coordinated Universal Time)', 'js-date'],
  ])('knows %s without the name of its field', (text, form) => {
    expect(detectForm(text)).toBe(form)
  })

  test.each([
    [1_761_660_000, 'created', 'epoch-s'],
    [1_761_660_000_123, 'updatedAt', 'epoch-ms'],
    ['1761660000123456', 'ts', 'epoch-us'],
    [new ExactNumber('1761660000123456789'), 'timestamp', 'epoch-ns'],
    [1_761_660_000.25, 'time', 'epoch-s'],
    ['2:00PM', 'startedAt', 'go-time'],
    ['14:00:00', 'time', 'go-time'],
    ['Oct 28 14:00:00.123', 'seen', 'go-time'],
    ['4bf92f3577b34da6a3ce929d0e0e4736', 'trace_id', 'hex-id'],
    ['V1StGXR8_Z5jdHi6B-myT', 'id', 'nanoid'],
    ['cus_Nffr3kQ0xK2mZt', 'customerId', 'opaque-id'],
    ['6-53f81548389d02f2', '_rev', 'revision'],
    ['12-3333333333333333', 'rev', 'revision'],
    ['1-967a00dff5e02add41819138abb3284d', 'id', 'revision'],
    ['dGhpc0lzQVJhbmRvbVRva2VuMTIz', 'access_token', 'token'],
  ])('knows %s in the field %s', (value, key, form) => {
    expect(detectForm(value, { key })).toBe(form)
    expect(detectForm(value, { key: 'title' })).toBeUndefined()
  })

  test('takes a number close to the recording for a time whatever its field', () => {
    expect(detectForm(1_761_660_100, { key: 'x', at: AT })).toBe('epoch-s')
    expect(detectForm(1_561_660_100, { key: 'x', at: AT })).toBeUndefined()
  })

  test.each([
    'active',
    '',
    '42',
    '00000000-0000-0000-0000-000000000000',
    '0001-01-01T00:00:00Z',
    '1970-01-01',
    '2025-02-31',
    '2025-13-01',
    'Thu, 01 Jan 1970 00:00:00 GMT',
    '+49 171 1234567',
    '5551234567',
    'deadbeefdeadbeefdeadbeef'.replaceAll(/\d/g, ''),
    'The quick brown fox jumps',
    'us-east-1',
    '14:00:00',
  ])('leaves %s alone', (text) => {
    expect(detectForm(text)).toBeUndefined()
  })

  test('leaves digests alone, which are computed and not made up', () => {
    expect(detectForm('9f86d081884c7d659a2feaa0c55ad015', { key: 'sha256' })).toBeUndefined()
  })

  test('leaves what is no text and no number alone', () => {
    for (const value of [null, undefined, true, [], {}, -5]) expect(detectForm(value)).toBeUndefined()
  })
})

describe('sameForm', () => {
  test('takes the beginning of base64url for chance, and the kind that stands before an id for meant', () => {
    const sealed = ['hE_ta903WKVue91vevubXhiPR8TIqYwkmVrz', 'qxUWB0bkrhYVwlbM97I6QhxDVHHmyfDqUot'] as const
    expect(sameForm(`${sealed[0]}-7x`, `${sealed[1]}w-4`, { key: 'sealed_authorization' })).toBe(true)
    expect(sameForm('cus_Nffr3kQ0xK2mZt', 'cus_Qk2mZtNffr3k0x', { key: 'customerId' })).toBe(true)
    expect(sameForm('cus_Nffr3kQ0xK2mZt', 'sub_Qk2mZtNffr3k0x', { key: 'customerId' })).toBe(false)
    expect(sameForm('sk_live_9aB8c7D6e5F4g3H2', 'pk_live_9aB8c7D6e5F4g3H2', { key: 'token' })).toBe(false)
  })

  test.each([
    ['3f2b1c9e-8a4d-4f1e-9b7a-2c6d5e4f3a21', 'aaaaaaaa-8a4d-4f1e-9b7a-2c6d5e4f3a21'],
    ['2025-10-28T14:00:00Z', '2026-01-02T08:30:11Z'],
    ['2025-10-28T14:00:00.1663Z', '2026-01-02T08:30:11Z'],
    ['2025-10-28T14:00:00.166379+02:00', '2026-01-02T08:30:11.5-05:00'],
    ['Tue, 28 Oct 2025 14:00:00 GMT', 'Wed, 29 Oct 2025 14:00:00 GMT'],
  ])('accepts %s and %s', (recorded, live) => {
    expect(sameForm(recorded, live)).toBe(true)
  })

  test.each([
    ['3f2b1c9e-8a4d-4f1e-9b7a-2c6d5e4f3a21', '018f4e2a-7c3b-7a2d-9e4f-1b2c3d4e5f60'],
    ['3f2b1c9e-8a4d-4f1e-9b7a-2c6d5e4f3a21', '3F2B1C9E-8A4D-4F1E-9B7A-2C6D5E4F3A21'],
    ['3f2b1c9e-8a4d-4f1e-9b7a-2c6d5e4f3a21', 'none'],
    ['2025-10-28T14:00:00Z', '2026-01-02'],
    ['2025-10-28T14:00:00Z', '2026-01-02T08:30:11+00:00'],
    ['2025-10-28T14:00:00Z', '2026-01-02 08:30:11Z'],
    ['2025-10-28T14:00:00.123456Z', '2026-01-02T08:30:11.123456+02:00'],
    ['2025-10-28T14:00:00.123456Z', '2026-01-02 08:30:11.12345Z'],
    ['2025-10-28T14:00:00.123Z', '2026-01-02T08:30:11Z'],
    ['2025-10-28T14:00:00Z', '0001-01-01T00:00:00Z'],
    ['active', 'active'],
  ])('refuses %s and %s', (recorded, live) => {
    expect(sameForm(recorded, live)).toBe(false)
  })

  test('keeps the count of a revision, which says how often a document was changed', () => {
    expect(sameForm('6-53f81548389d02f2', '6-0192f4df2405cfa7', { key: '_rev' })).toBe(true)
    expect(sameForm('6-53f81548389d02f2', '7-0192f4df2405cfa7', { key: '_rev' })).toBe(false)
    expect(sameForm('6-53f81548389d02f2', '6-0192f4df2405cfa70192f4df2405cfa7', { key: '_rev' })).toBe(false)
  })

  test('refuses seconds for milliseconds', () => {
    expect(sameForm(1_761_660_000_123, 1_761_660_000, { key: 'created' })).toBe(false)
    expect(sameForm(1_761_660_000, 1_861_660_000, { key: 'created' })).toBe(true)
  })
})
