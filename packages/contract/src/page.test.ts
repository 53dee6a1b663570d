// Cursors come from outside: whatever is none is refused before a database reads it.
import { expect, test } from 'vitest'
import { decodeCursor, decodeUuidCursor, encodeTuple } from './page.ts'
import { Ip } from './scalars.ts'
import { decodePosition } from './sorting.ts'

const id = '01a220fd-bc48-7a8f-8dd5-71b24325666b'

test.each([
  [['0000-01-01T00:00:00.000Z', id]],
  [['+275760-09-13T00:00:00.001Z', id]],
  [['-200000-01-01T00:00:00.000Z', id]],
  [['-infinity', id]],
  [['2026-01-01T00:00:00.000Z', '']],
  [['2026-01-01T00:00:00.000Z', 'a\u0000']],
  [['2026-01-01T00:00:00.000Z']],
  [['2026-01-01T00:00:00.000Z', id, id]],
])('%j is no cursor', (tuple) => {
  const refused = expect.objectContaining({ code: 'invalid-input', details: { fields: [expect.anything()] } }) as Error
  const after = encodeTuple(tuple)
  expect(() => decodeCursor(after)).toThrow(refused)
  expect(() => decodePosition(after, 'newest')).toThrow(refused)
})

test.each(["' or 1=1--", 'default', id.slice(1)])('%s is no id in a list of UUIDs', (text) => {
  expect(() => decodeUuidCursor(encodeTuple(['2026-01-01T00:00:00.000Z', text]))).toThrow()
})

test.each(['oldest', 'expiry', 'newest'])('in the order %s a time that no database has is refused', (sort) => {
  expect(() => decodePosition(encodeTuple([sort, '0000-01-01T00:00:00.000Z', id]), sort)).toThrow()
})

test.each([
  ['::ffff:192.0.2.7', '192.0.2.7'],
  ['2001:DB8:0::7', '2001:db8::7'],
  [' 192.0.2.7 ', '192.0.2.7'],
])('the address %s is looked for as %s', (text, canonical) => {
  expect(Ip.parse(text)).toBe(canonical)
})
