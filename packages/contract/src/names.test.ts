import fc from 'fast-check'
import { expect, test } from 'vitest'
import { canonicalName } from './names.ts'
import { operations } from './registry.ts'

const name = fc.stringMatching(/^[a-z0-9][a-z0-9._@+-]{0,30}$/)
/** Full-width form of an ASCII character, as NFKC folds it back. */
const fullWidth = (text: string): string =>
  text.replace(/[!-~]/g, (letter) => String.fromCodePoint((letter.codePointAt(0) ?? 0) + 0xfee0))
/** Ways to write a name that people, keyboards and attackers find. */
const spellings: readonly ((name: string) => string)[] = [
  (text) => text.toUpperCase(),
  (text) => ` ${text}\t`,
  (text) => `\u00a0${text}\u3000`,
  fullWidth,
  (text) => fullWidth(text.toUpperCase()),
  (text) => text.replaceAll('k', '\u212a'), // the Kelvin sign
  (text) => text.normalize('NFD'),
]
const hidden = ['\u200b', '\u200d', '\u2060', '\ufeff', '\u00ad', '\u202e', '\u0000', '\u0301', '\n', '/', '*', ',']
const lookAlikes: Readonly<Record<string, string>> = {
  a: '\u0430',
  e: '\u0435',
  i: '\u0131',
  o: '\u03bf',
  p: '\u0440',
  s: '\u0455',
}

test('every spelling of a name is that name or no name', () => {
  fc.assert(
    fc.property(name, fc.constantFrom(...spellings), fc.constantFrom(...spellings), (plain, one, other) => {
      expect(canonicalName(one(other(plain)))).toBe(plain)
    }),
    { numRuns: 1000 },
  )
})

test('the canonical form is its own canonical form', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 40 }), (text) => {
      const canonical = canonicalName(text)
      if (canonical !== null) expect(canonicalName(canonical)).toBe(canonical)
    }),
    { numRuns: 1000 },
  )
})

test('a name with a hidden, combining or separating character inside is no name', () => {
  fc.assert(
    fc.property(name, name, fc.constantFrom(...hidden), (left, right, character) => {
      expect(canonicalName(left + character + right)).toBeNull()
    }),
  )
})

test('a name with a look-alike letter is no name', () => {
  for (const [letter, twin] of Object.entries(lookAlikes)) expect(canonicalName(`x${twin}y`), letter).toBeNull()
  expect(canonicalName('\u0130stanbul')).toBeNull()
})

test('names begin with a letter or digit and end before 65 characters', () => {
  expect(canonicalName('-rf')).toBeNull()
  expect(canonicalName('@ada')).toBeNull()
  expect(canonicalName('')).toBeNull()
  expect(canonicalName('a'.repeat(64))).toBe('a'.repeat(64))
  expect(canonicalName('a'.repeat(65))).toBeNull()
})

// sshd would read another file than the one that Gatehouse writes.
test('a file of keys is named by no token that Gatehouse does not know, and by no step back up', () => {
  const { authorizedKeysPath: register } = operations['sshHost.register'].input.shape
  const { authorizedKeysPath: update } = operations['sshHost.update'].input.shape
  const isPath = (text: string): boolean[] => [register, update].map((field) => field.safeParse(text).success)
  for (const path of ['/etc/ssh/gatehouse/%u', '/home/deploy/.ssh/authorized_keys2', '/srv/100%%/..keys'])
    expect(isPath(path), path).toEqual([true, true])
  for (const path of [
    '/home/%h/keys',
    '/a%',
    '/%U',
    '/srv/../etc/shadow',
    '/..',
    '/./keys',
    '//keys',
    '/keys/',
    'keys',
  ])
    expect(isPath(path), path).toEqual([false, false])
})
