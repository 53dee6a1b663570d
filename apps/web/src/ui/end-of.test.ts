import { describe, expect, test } from 'vitest'
import { endName } from './end-of.ts'

const now = Date.parse('2026-11-30T03:00:00Z')
const ahead = '2026-11-30T03:15:00Z'
const past = '2026-11-30T02:45:00Z'

describe('the end of a thing', () => {
  test('is to come until its time, and past from then on', () => {
    expect(endName({ expiresAt: ahead }, now)).toBe('Expires')
    expect(endName({ expiresAt: ahead, endedAt: null, isOver: false }, now)).toBe('Expires')
    expect(endName({ expiresAt: past }, now)).toBe('Expired')
    expect(endName({ expiresAt: new Date(now).toISOString() }, now)).toBe('Expired')
  })

  test('is when it was ended, where somebody did that before or after its time', () => {
    for (const expiresAt of [ahead, past]) expect(endName({ expiresAt, endedAt: past }, now)).toBe('Ended')
  })

  test('is not told where nobody kept when that was: its own time would be none of its', () => {
    for (const expiresAt of [ahead, past]) expect(endName({ expiresAt, isOver: true }, now)).toBe(null)
  })
})
