import { uid, type AuditDraft } from '@gatehouse/enforcement'
import { expect, test } from 'vitest'
import { createReadTallies } from './read-tally.ts'

const at = new Date('2026-11-30T06:00:00Z')
/** A page of hers that asks again by itself. */
const read = (input: Readonly<Record<string, unknown>>): AuditDraft => ({
  action: 'audit.search',
  outcome: 'allowed',
  // what is looked at of a person, and no more
  principal: { type: 'User', id: 'ada', session: { id: 'one' } } as AuditDraft['principal'],
  resource: uid('Workspace', 'default'),
  workspace: 'default',
  decision: null,
  refusal: null,
  input,
  call: { requestId: 'a', at, address: '192.0.2.7', userAgent: '', transport: 'trpc', background: true },
})

test('the first of each kind is recorded in full, and those after it are counted together', () => {
  const tallies = createReadTallies()
  expect([1, 2, 3].map(() => tallies.isFirst(read({ action: 'lease' }), at))).toEqual([true, false, false])
  expect(tallies.isFirst(read({ action: 'team' }), at)).toBe(true)
  expect(tallies.isFirst({ ...read({}), call: { ...read({}).call, background: false } }, at)).toBe(true)
  expect(tallies.take(at)).toEqual([])
  expect(tallies.take(null)).toMatchObject([{ reads: [{ resource: 'Workspace::default', count: 2 }] }])
})

// of thousands of them in a minute each may be as long as a request may
test('nothing is kept of what was asked but by whom, when, and about what', () => {
  const tallies = createReadTallies()
  for (let turn = 0; turn < 2; turn += 1) tallies.isFirst(read({ resource: 'x'.repeat(10_000) }), at)
  expect(JSON.stringify(tallies.take(null)).length).toBeLessThan(1000)
})
