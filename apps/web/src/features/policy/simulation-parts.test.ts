import { expect, test } from 'vitest'
import { joined, periods, stretchesOf, type Period } from './simulation-parts.ts'

const now = Date.parse('2026-11-28T12:00:00Z')

test('the parts of a period are all of it, and no moment is in two of them', () => {
  for (const period of Object.keys(periods) as Period[]) {
    const stretches = stretchesOf(period, now)
    expect(stretches).toHaveLength(periods[period].parts)
    expect(stretches[0]?.to).toBe('2026-11-28T12:00:00.000Z')
    expect(Date.parse(stretches.at(-1)?.from ?? '')).toBe(now - periods[period].ms)
    for (const [index, { from }] of stretches.entries()) {
      const older = stretches[index + 1]
      if (older !== undefined) expect(Date.parse(from) - Date.parse(older.to)).toBe(1)
    }
  }
})

test('parts add up, by principal, those with most flips first', () => {
  const principal = (id: string) => ({ type: 'User', id })
  const part = (decisions: number, of: readonly (readonly [string, number, number])[]) => ({
    policyVersion: 'v',
    decisions,
    notReplayable: 1,
    flipped: of.length,
    principals: of.map(([id, gains, losses]) => ({ principal: principal(id), gains, losses })),
    flips: [],
  })
  const sum = joined(
    joined(null, part(10, [['a', 1, 0]])),
    part(5, [
      ['b', 2, 3],
      ['a', 0, 1],
    ]),
  )
  expect(sum).toMatchObject({ decisions: 15, notReplayable: 2, flipped: 3 })
  expect(sum.principals).toEqual([
    { principal: principal('b'), gains: 2, losses: 3 },
    { principal: principal('a'), gains: 1, losses: 1 },
  ])
})
