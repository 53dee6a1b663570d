import { expect, test } from 'vitest'
import { commitmentTo, type PersonalValue } from './commitment.ts'
import { openedOnce } from './opened-once.ts'
import type { KeptPart } from './subject-keys.queries.ts'

const salt = Buffer.alloc(32, 7)
const part = (name: string, sealed: string, keyId = 'key'): KeptPart => ({
  part: name,
  keyId,
  key: Buffer.from('key'),
  sealed: Buffer.from(sealed),
})

/** Opens a part into one value that says which one it was, and notes each that it opens. */
function opening() {
  const opened: string[] = []
  const open = (entryId: string, parts: readonly KeptPart[]): PersonalValue[] | null => {
    const said = parts.map(({ part: name, keyId, sealed }) => `${entryId} ${name} ${keyId} ${Buffer.from(sealed)}`)
    opened.push(...said)
    return said.some((text) => text.includes('broken'))
      ? null
      : said.map((text) => ({ field: 'ip', value: text, salt }))
  }
  return { opened, ...openedOnce(open) }
}

test('what entries of a session share is opened once, and what is an entry’s own each time', () => {
  const { open, opened } = opening()
  const shared = part('caller-in-session', 'a')
  expect(open('1', [shared, part('input', 'a')])).toHaveLength(2)
  expect(open('2', [shared, part('input', 'a')])).toHaveLength(2)
  expect(opened).toEqual(['1 caller-in-session key a', '1 input key a', '2 input key a'])
})

test('other bytes, and the same ones under another key, are opened by themselves', () => {
  const { open, opened } = opening()
  for (const [sealed, key] of [
    ['a', 'one'],
    ['b', 'one'],
    ['a', 'two'],
  ] as const)
    open('1', [part('caller-in-session', sealed, key)])
  expect(opened).toHaveLength(3)
})

test('what does not open does not for any of them', () => {
  const { open } = opening()
  for (const id of ['1', '2']) expect(open(id, [part('caller-in-session', 'broken')])).toBeNull()
  expect(open('3', [part('caller-in-session', 'good'), part('input', 'broken')])).toBeNull()
})

test('says what commits to a value, of what is shared and of any other', () => {
  const { open, commitmentOf } = opening()
  const [value] = open('1', [part('caller-in-session', 'a')]) ?? []
  const other = { field: 'ip', value: '192.0.2.7', salt }
  for (const clear of [value ?? other, other]) expect(commitmentOf(clear)).toBe(commitmentTo(clear).c)
})
