import fc from 'fast-check'
import { expect, test } from 'vitest'
import { countCharacters, escapedJson, findHidden, shownLines, shownText, shownValue } from './index.ts'

const steering = ['\u0000', '\u001b', '\u009b', '\u200e', '\u202e', '\u2066', '\u2028', '\ud800', '\ufeff', '\u{e0041}']
const text = fc.array(fc.oneof(fc.constantFrom(...steering), fc.string({ unit: 'grapheme' })), { maxLength: 20 })

test('what is shown has nothing in it that steers, reorders or hides, and is otherwise the same', () => {
  fc.assert(
    fc.property(text, (parts) => {
      const shown = shownText(parts.join(''))
      expect(findHidden(shown, { joiners: true })).toBeNull()
      expect(countCharacters(shown)).toBe(countCharacters(parts.join('')))
    }),
  )
  expect(shownText('می\u200cخواهم 👩\u200d🔬 ☎️')).toBe('می\u200cخواهم 👩\u200d🔬 ☎️')
  expect(shownLines('a\u202e\nb\r\nc')).toBe('a\ufffd\nb\ufffd\nc')
})

test('values are shown as a whole: lists, fields and their names', () => {
  expect(shownValue({ a: ['x\u001b[2J', 1, null], 'b\u202e': { c: true } })).toEqual({
    a: ['x\ufffd[2J', 1, null],
    'b\ufffd': { c: true },
  })
})

test('escaped JSON is the same value and moves no terminal', () => {
  fc.assert(
    fc.property(text, (parts) => {
      const value = { text: parts.join('') }
      const json = escapedJson(JSON.stringify(value, null, 2))
      expect(findHidden(json, { lineBreaks: true, joiners: true })).toBeNull()
      expect(JSON.parse(json)).toEqual(value)
    }),
  )
})
