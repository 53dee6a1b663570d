import { expect, test } from 'vitest'
import { CallRefused } from '../../api.ts'
import { wordsOf } from '../../words.ts'
import { unwrapProblem } from './unwrap-words.ts'

const refused = (code: CallRefused['code'], hint?: string): unknown =>
  unwrapProblem(new CallRefused('lease.unwrap', { code, details: hint === undefined ? {} : { hint } }, code))

test.each([
  [
    'conflict',
    'this credential was opened at 2026-11-29 18:00:00 UTC; if that was not you, have its lease revoked: l1',
    'The credential was not given out.',
    /^This credential was opened at .*: l1\.$/,
  ],
  [
    'lease-ended',
    'its time to be opened is over, or its lease was ended; ask for another',
    'This token has expired.',
    /^Its time .* ask for another\.$/,
  ],
  ['not-found', undefined, 'This token opens nothing here.', /gatehouse_wrap_/],
] as const)('a token that is refused as %s says why, and what to do', (code, hint, title, next) => {
  expect(wordsOf(refused(code, hint))).toEqual({ title, next: expect.stringMatching(next) as string })
})

test.each(['locked', 'rate-limited'] as const)('%s is told as everywhere', (code) => {
  const error = new CallRefused('lease.unwrap', { code, details: {} }, code)
  expect(unwrapProblem(error)).toBe(error)
})
