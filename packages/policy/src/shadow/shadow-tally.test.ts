import { uid } from '@gatehouse/enforcement'
import { expect, test } from 'vitest'
import { createShadowTally, type MadeDecision } from './shadow-tally.ts'

const made = (n: number, parts: Partial<MadeDecision> = {}): MadeDecision => ({
  entryId: `entry-${n}`,
  at: new Date(1_000 * n),
  principal: uid('User', 'ada'),
  action: 'lease.list',
  decision: { effect: 'allow', policies: ['readers'] },
  ...parts,
})
const denies = { effect: 'deny', policies: ['hours'], errors: [] } as const
const agrees = { effect: 'allow', policies: ['readers'], errors: [] } as const

test('flips of one kind are counted together, with the first and the last of them and one example', () => {
  const tally = createShadowTally()
  for (const n of [5, 3, 9]) tally.note(made(n), denies)
  tally.note(made(10), agrees)
  tally.note(made(11, { action: 'lease.issue' }), denies)
  const { counts, flips } = tally.take()
  expect(counts).toMatchObject({ decided: 5, newlyDenied: 4, newlyAllowed: 0, unlisted: 0 })
  const [lists, issues] = flips
  expect(lists).toMatchObject({ count: 3, exampleId: 'entry-5', would: 'deny', policies: ['hours'] })
  expect([lists?.firstAt, lists?.lastAt]).toEqual([new Date(3_000), new Date(9_000)])
  expect(issues).toMatchObject({ count: 1, action: 'lease.issue' })
  expect(tally.take()).toMatchObject({ counts: { decided: 0 }, flips: [] })
})

test('kinds without end fill no memory: what is beyond the limit is counted alone', () => {
  const tally = createShadowTally()
  for (let n = 0; n < 2_500; n += 1) tally.note(made(n, { principal: uid('User', `u-${n}`) }), denies)
  const { counts, flips } = tally.take()
  expect(flips).toHaveLength(2_000)
  expect(counts).toMatchObject({ newlyDenied: 2_500, unlisted: 500 })
})

test('what could not be written is counted on, and what is counted since joins it', () => {
  const tally = createShadowTally()
  tally.note(made(1), denies)
  const taken = tally.take()
  tally.note(made(2), denies)
  tally.dropped(7)
  tally.giveBack(taken)
  const { counts, flips } = tally.take()
  expect(counts).toMatchObject({ decided: 2, newlyDenied: 2, dropped: 7 })
  expect(flips).toMatchObject([{ count: 2, firstAt: new Date(1_000), lastAt: new Date(2_000) }])
  expect(tally.total()).toMatchObject({ decided: 2, dropped: 7 })
})
