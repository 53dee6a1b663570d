import { createHmac } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { commitmentTo, isSameCommitment } from './commitment.ts'

test('a commitment is the HMAC of field and value under its salt', () => {
  fc.assert(
    fc.property(
      fc.string(),
      fc.string({ unit: 'grapheme' }),
      fc.uint8Array({ maxLength: 64 }),
      (field, value, salt) => {
        expect(commitmentTo({ field, value, salt })).toEqual({
          c: createHmac('sha256', salt).update(`${field}\0${value}`).digest('base64url'),
        })
      },
    ),
  )
})

test('a commitment binds field, value and salt', () => {
  const clear = { field: 'ip', value: '192.0.2.7', salt: new Uint8Array(32).fill(1) }
  const { c } = commitmentTo(clear)
  expect(isSameCommitment(c, clear)).toBe(true)
  for (const other of [
    { ...clear, field: 'userAgent' },
    { ...clear, value: '192.0.2.8' },
    { ...clear, salt: new Uint8Array(32) },
  ])
    expect(isSameCommitment(c, other)).toBe(false)
})
