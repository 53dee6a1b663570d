import { expect, test } from 'vitest'
import { problemOfRule, shippedRule, type ApprovalRule, type Part, type People } from './approval-rule.ts'

const people = (count: number): People => ({ people: count, roles: ['Admin'] })
const nested = (depth: number): Part => (depth === 0 ? people(2) : { allOf: [nested(depth - 1)] })
const choice: Part = { anyOf: [people(1), people(1), people(1), people(1), people(1), people(1)] }

test.each<readonly [string, ApprovalRule]>([
  ['the shipped one', shippedRule],
  ['an Admin and an Operator', { allOf: [people(1), { people: 1, roles: ['Operator'] }] }],
  ['one of two ways', { anyOf: [people(2), { people: 3, roles: ['Operator'] }] }],
  ['one after the other', { inSequence: [{ people: 1, roles: ['Operator'] }, people(1)] }],
])('%s can be set', (_name, rule) => {
  expect(problemOfRule(rule)).toBeNull()
})

test.each<readonly [string, ApprovalRule, string]>([
  ['nobody', people(0), 'the rule asks for 0 people; at least 1 is wanted'],
  ['one person', people(1), 'fewer than 2 people'],
  ['half a person', people(1.5), 'asks for 1.5 people'],
  ['no number', people(Number.NaN), 'asks for NaN people'],
  ['more than can be found', people(7), 'asks for 7 people; at most 6'],
  ['more than can be found, in parts', { allOf: [people(4), people(3)] }, 'needs more than 6 people'],
  ['no role', { people: 2, roles: [] }, 'names no role'],
  ['a role that approves nothing', { people: 2, roles: ['Viewer'] }, 'names Viewer, whose holders approve nothing'],
  ['an empty list of all', { allOf: [] }, 'the rule.allOf is empty'],
  ['an empty list of any', { allOf: [people(2), { anyOf: [] }] }, 'the rule.allOf[1].anyOf is empty'],
  ['an empty sequence', { inSequence: [] }, 'inSequence is empty'],
  ['one way that is too easy', { anyOf: [people(2), people(1)] }, 'fewer than 2 people'],
  ['too many parts', { anyOf: Array.from({ length: 9 }, () => people(2)) }, 'has 9 parts; at most 8'],
  ['too many steps', { inSequence: [people(1), people(1), people(1), people(1)] }, 'has 4 steps; at most 3'],
  ['too deep', nested(4), 'is nested more than 4 deep'],
  ['too many ways', { allOf: [choice, choice, choice] }, 'can be met in 216 ways; at most 32'],
])('%s cannot be set', (_name, rule, words) => {
  expect(problemOfRule(rule)).toContain(words)
})
