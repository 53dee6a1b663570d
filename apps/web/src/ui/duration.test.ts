import { expect, it } from 'vitest'
import { durationText, secondsOfText } from './duration.ts'

it.each([
  [43_200, '12 h'],
  [108_000, '1 d 6 h'],
  [90, '1 min 30 s'],
  [1800, '30 min'],
  [604_800, '7 d'],
  [0, '0 s'],
])('%d s is written %s, and read back as the same', (seconds, text) => {
  expect(durationText(seconds)).toBe(text)
  expect(secondsOfText(text)).toBe(seconds)
})

it.each([
  ['12h', 43_200],
  ['30m', 1800],
  ['1D 6H', 108_000],
  ['15min', 900],
])('%s is read', (text, seconds) => {
  expect(secondsOfText(text)).toBe(seconds)
})

it.each(['', '30', 'soon', '12 hours', '-5 min', '1e3 s', '5 h and a bit'])('%j is no length of time', (text) => {
  expect(secondsOfText(text)).toBeNull()
})
