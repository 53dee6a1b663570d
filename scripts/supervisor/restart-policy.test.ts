import { describe, expect, it } from 'vitest'
import { DEATHS_MAX, WINDOW_MS, judge } from './restart-policy.ts'

const deaths = (...atMs: number[]) => atMs.map((at) => ({ atMs: at, causedByDependency: false }))

describe('a dead child', () => {
  it('is restarted at once the first time, then ever later', () => {
    const delays = [1, 2, 3, 4].map((count) => judge(deaths(...Array.from({ length: count }, (_, index) => index))))
    expect(delays).toEqual([100, 400, 1_600, 5_000].map((delayMs) => ({ kind: 'restart', delayMs })))
  })

  it('ends the system with its fifth death within a minute', () => {
    expect(judge(deaths(0, 1, 2, 3, WINDOW_MS - 1))).toEqual({ kind: 'give up', deaths: DEATHS_MAX })
  })

  it('is forgiven deaths older than a minute', () => {
    expect(judge(deaths(0, 1, 2, 3, WINDOW_MS))).toEqual({ kind: 'restart', delayMs: 5_000 })
  })

  it('never ends the system when its dependency was to blame', () => {
    const caused = Array.from({ length: 9 }, (_, index) => ({ atMs: index, causedByDependency: true }))
    expect(judge(caused).kind).toBe('restart')
    expect(judge([...caused, ...deaths(10)]).kind).toBe('restart')
  })
})
