import { expect, test } from 'vitest'
import { deniedDeploy } from '../gallery/explain-fixtures.ts'
import { clauseWord, holdsWord, missedWords, obligationsWords, verdictWords } from './explanation-words.ts'

const denied = { ...deniedDeploy, reasons: [], obligations: [], errors: [] }
const owed = (kind: 'mfa' | 'approval' | 'ownOnly') => [{ kind, approval: null }]

test('the verdict says what stands in the way, the nearest way out first', () => {
  expect(verdictWords(deniedDeploy)).toBe('Denied by a policy')
  expect(verdictWords(denied)).toBe('Denied: no policy permits it')
  expect(verdictWords({ ...denied, errors: ['x'] })).toBe('Denied: the policies could not decide')
  expect(verdictWords({ ...denied, obligations: owed('mfa') })).toBe('Denied until they verify a second factor')
  expect(verdictWords({ ...denied, obligations: owed('approval') })).toBe('Denied until a second person approves')
  expect(verdictWords({ ...denied, decision: 'allow' })).toBe('Allowed')
  expect(verdictWords({ ...denied, decision: 'allow', obligations: owed('ownOnly') })).toBe('Allowed, for their own')
})

test('an obligation is said once, however often it is owed', () => {
  expect(obligationsWords({ obligations: [...owed('mfa'), ...owed('mfa')] })).toHaveLength(1)
})

test('a condition that could not be evaluated is not said to be false', () => {
  expect([true, false, null].map((holds) => holdsWord({ holds }))).toEqual(['true', 'false', 'not evaluated'])
  expect(clauseWord({ clause: 'unless' })).toBe('unless')
  expect(clauseWord({ clause: 'principal' })).toBe('')
})

test('how near a permit came is counted by what is not met', () => {
  const of = (policy: string) => deniedDeploy.conditions.filter((one) => one.policy === policy)
  expect(missedWords(of('production-within-hours'))).toBe('all conditions are met')
  expect(missedWords(of('operator-deploys'))).toBe('1 of 2 conditions is not met')
  expect(missedWords(of('approved-deploy'))).toBe('2 of 3 conditions are not met')
  expect(missedWords(of('operator-deploys').slice(0, 1))).toBe('its condition is not met')
})
