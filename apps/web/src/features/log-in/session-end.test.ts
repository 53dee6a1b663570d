import { describe, expect, it } from 'vitest'
import { standingAt, type SessionTimes } from './session-end.ts'

const minute = 60_000
const times = (over: Partial<SessionTimes> = {}): SessionTimes => ({
  absoluteEnd: 720 * minute,
  idleSpanMs: 30 * minute,
  usedAt: 0,
  activeAt: 0,
  ...over,
})

describe('the end of a session, as the page sees it', () => {
  it('is nothing to speak of while the person is at work', () => {
    expect(standingAt(5 * minute, times({ activeAt: 5 * minute }))).toEqual({ at: 'well' })
  })

  it('warns two minutes before an idle session ends, and says when', () => {
    expect(standingAt(28 * minute - 1, times())).toEqual({ at: 'well' })
    expect(standingAt(28 * minute, times())).toEqual({ at: 'warn', why: 'idle', end: 30 * minute })
  })

  it('lets no call of the page itself keep an absent person in', () => {
    expect(standingAt(30 * minute, times({ usedAt: 29 * minute }))).toEqual({ at: 'over', why: 'idle' })
  })

  it('asks for a call where the person works without one', () => {
    expect(standingAt(8 * minute, times({ activeAt: 7 * minute }))).toEqual({ at: 'keep' })
    expect(standingAt(8 * minute, times({ activeAt: 7 * minute, usedAt: 7.5 * minute }))).toEqual({ at: 'well' })
  })

  it('warns five minutes before the absolute end, which no activity moves', () => {
    const atWork = times({ activeAt: 716 * minute, usedAt: 716 * minute })
    expect(standingAt(716 * minute, atWork)).toEqual({ at: 'warn', why: 'absolute', end: 720 * minute })
    expect(standingAt(720 * minute, { ...atWork, activeAt: 720 * minute })).toEqual({ at: 'over', why: 'absolute' })
  })

  it('warns of a session shorter than the warning no sooner than at its half', () => {
    expect(standingAt(29_999, times({ idleSpanMs: minute }))).toEqual({ at: 'well' })
    expect(standingAt(30_000, times({ idleSpanMs: minute }))).toEqual({ at: 'warn', why: 'idle', end: minute })
  })

  it('ends by neither clock that is not known', () => {
    expect(standingAt(10_000 * minute, times({ absoluteEnd: null, idleSpanMs: null }))).toEqual({ at: 'well' })
  })
})
