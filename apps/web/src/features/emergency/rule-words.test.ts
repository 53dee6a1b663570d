import { expect, it } from 'vitest'
import { flatRule, ruleWords } from './rule-words.ts'

const two = { people: 2, roles: ['Admin', 'Operator'] }
const admin = { people: 1, roles: ['Admin'] }

it.each([
  [two, '2 people with the role Admin or Operator'],
  [admin, '1 person with the role Admin'],
  [{ allOf: [admin, two] }, '1 person with the role Admin and 2 people with the role Admin or Operator'],
  [{ inSequence: [two, admin] }, 'first 2 people with the role Admin or Operator, then 1 person with the role Admin'],
  [
    { anyOf: [two, { allOf: [admin, admin] }] },
    '2 people with the role Admin or Operator, or else (1 person with the role Admin and 1 person with the role Admin)',
  ],
  [{ sometime: [] }, 'a rule that this page cannot show'],
  [null, 'a rule that this page cannot show'],
])('the approval rule %j is told in words', (rule, words) => {
  expect(ruleWords(rule)).toBe(words)
})

it('only a rule without parts is changed in a form', () => {
  expect(flatRule(two)).toEqual(two)
  expect(flatRule({ allOf: [two] })).toBeNull()
})
