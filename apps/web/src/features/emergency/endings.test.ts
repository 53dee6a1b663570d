import { expect, it } from 'vitest'
import { withEnds, type Ending } from './endings.ts'

const now = Date.parse('2026-11-28T21:00:00Z')
const one = { id: 'r1', secondsLeft: 600 as number | null, state: 'pending' }
const shown = (items: readonly (typeof one)[], at: number, before: readonly Ending<typeof one>[] = []) =>
  withEnds<typeof one>(before, items, at)

it('what is left becomes an end by the clock of this device', () => {
  expect(shown([one, { ...one, id: 'r2', secondsLeft: null }], now)).toEqual([
    { id: 'r1', state: 'pending', endsAt: '2026-11-28T21:10:00.000Z' },
    { id: 'r2', state: 'pending', endsAt: null },
  ])
})

// A row that becomes another one each time loses the focus and what is typed below it.
it('asked for anew, the end stays to the millisecond unless it really is another one', () => {
  const before = shown([one], now)
  expect(shown([{ ...one, secondsLeft: 595.4 }], now + 5000, before)).toEqual(before)
  const longer = shown([{ ...one, secondsLeft: 1800 }], now + 5000, before)
  expect(longer[0]?.endsAt).toBe('2026-11-28T21:30:05.000Z')
})
