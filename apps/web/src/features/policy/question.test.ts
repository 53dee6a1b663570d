// What stands in the URL is what is asked: nothing that belongs to another kind of question goes with it.
import { expect, test } from 'vitest'
import { draftOf, factsIn, inputOf, isAsked, kindOf, ofKind, strayLines, type QuestionField } from './question.ts'

const draft = (fields: Partial<Record<QuestionField, string>>) => draftOf((field) => fields[field])
const deploy = { action: 'deploy', type: 'Server', id: 'web-1' }

test('an empty URL asks nothing, one with a call or a decision does', () => {
  expect(isAsked(draft({}))).toBe(false)
  expect(isAsked(draft({ action: 'deploy', type: 'Server' }))).toBe(false)
  expect(isAsked(draft(deploy))).toBe(true)
  expect(isAsked(draft({ decision: 'd1' }))).toBe(true)
})

test('a question about oneself names nobody, and what is left empty is left out', () => {
  expect(inputOf(draft({ ...deploy, workspace: ' ' }))).toEqual({
    action: 'deploy',
    resource: { type: 'Server', id: 'web-1' },
    context: {},
    properties: {},
  })
})

test('a question about somebody else says whether they are a person or a program', () => {
  expect(inputOf(draft({ ...deploy, principalType: 'Service', principal: ' ci-deploy ' })).principal).toEqual({
    type: 'Service',
    id: 'ci-deploy',
  })
})

test('of a recorded decision only its id is sent', () => {
  const asked = ofKind(draft({ ...deploy, decision: ' d1 ', context: 'force=true' }), 'decision')
  expect(kindOf(asked)).toBe('decision')
  expect(inputOf(asked)).toEqual({ decision: 'd1' })
})

test('a call takes no decision along, and nobody who was named before oneself was picked', () => {
  const asked = ofKind(draft({ ...deploy, decision: 'd1', principal: 'ada' }), 'call')
  expect(asked).toEqual(draft(deploy))
})

test('facts are a name and a value a line; true, false and whole numbers are what they look like', () => {
  expect(factsIn('force=true\n\n nodeCount = 12 \nticket=OPS-1=a\nlong=1234567890123456')).toEqual({
    force: true,
    nodeCount: 12,
    ticket: 'OPS-1=a',
    long: '1234567890123456',
  })
})

test('a line that is no fact is found, and not dropped in silence', () => {
  expect(strayLines('force=true\nforce\n=yes')).toEqual(['force', '=yes'])
})
