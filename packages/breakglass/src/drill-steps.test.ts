import { describe, expect, test } from 'vitest'
import { scoreOf, stepsOf } from './drill-steps.ts'

const asked = new Date('2026-11-25T03:00:00Z')
const after = (seconds: number): Date => new Date(asked.getTime() + seconds * 1000)

describe('the score of a drill', () => {
  test('is 100 within five minutes, less the longer each step took, and nothing for a step that never came', () => {
    const times = { askedAt: asked, firstVoteAt: after(60), approvedAt: after(200), finishedAt: after(290) }
    expect(scoreOf(stepsOf(times))).toBe(100)
    const slow = { askedAt: asked, firstVoteAt: after(240), approvedAt: after(480), finishedAt: after(600) }
    expect(scoreOf(stepsOf(slow))).toBe(50)
    expect(scoreOf(stepsOf({ ...times, finishedAt: null }))).toBe(67)
    expect(scoreOf(stepsOf({ askedAt: asked, firstVoteAt: null, approvedAt: null, finishedAt: null }))).toBe(0)
  })

  test('knows no step before it was asked for: a clock set back gains nothing more', () => {
    const steps = stepsOf({ askedAt: asked, firstVoteAt: after(-3600), approvedAt: null, finishedAt: null })
    expect(steps).toEqual({ firstVoteSeconds: 0, approvedSeconds: null, activationSeconds: null })
  })
})
