import { describe, expect, test } from 'vitest'
import {
  newDrill,
  newRequest,
  newSession,
  secondsLeft,
  sessionSecondsLeft,
  stepRequest,
  stepSession,
  type Look,
  type RequestEvent,
  type RequestStanding,
  type SessionEvent,
  type SessionStanding,
} from './transitions.ts'

const begin = new Date('2026-03-01T12:00:00Z')
const minutes = 60_000

/** A clock that people may set, beside one that nobody can. */
function clocks(): { look: () => Look; pass: (ms: number) => void; set: (ms: number) => void } {
  let wall = begin.getTime()
  let measured = 0
  return {
    look: () => {
      const look = { now: new Date(wall), measuredMs: measured }
      measured = 0
      return look
    },
    pass: (ms) => {
      wall += ms
      measured += ms
    },
    set: (ms) => {
      wall += ms
    },
  }
}

const met: RequestEvent = { type: 'counted', met: true, deniedByTeams: false }
const unmet: RequestEvent = { type: 'counted', met: false, deniedByTeams: false }
const denied: RequestEvent = { type: 'counted', met: true, deniedByTeams: true }
const at: Look = { now: begin, measuredMs: 0 }

const stand = (...events: RequestEvent[]): RequestStanding =>
  events.reduce((request, event) => stepRequest(request, event, at) ?? expect.fail(event.type), newRequest(begin))

describe('a drill', () => {
  const events: RequestEvent[] = [
    met,
    unmet,
    denied,
    { type: 'edited' },
    { type: 'cancelled' },
    { type: 'activated' },
    { type: 'finished' },
    { type: 'sessionEnded' },
    { type: 'looked' },
  ]

  test('is never active, whatever happens to it in whatever order', () => {
    const seen = new Set<string>()
    let edge: readonly RequestStanding[] = [newDrill(begin)]
    for (let length = 0; length < 6; length += 1) {
      edge = edge.flatMap((drill) => events.flatMap((event) => stepRequest(drill, event, at) ?? []))
      for (const { state } of edge) seen.add(state)
      edge = [...new Map(edge.map((drill) => [drill.state, drill])).values()]
    }
    expect([...seen].toSorted()).toEqual(['approved', 'cancelled', 'denied', 'ended', 'pending'])
  })

  test('ends where a request is activated, and a request never ends so', () => {
    const approved = stepRequest(newDrill(begin), met, at) ?? expect.fail('met')
    expect(stepRequest(approved, { type: 'activated' }, at)).toBeNull()
    expect(stepRequest(approved, { type: 'finished' }, at)?.state).toBe('ended')
    expect(stepRequest(stand(met), { type: 'finished' }, at)).toBeNull()
    expect(stepRequest(newDrill(begin), { type: 'finished' }, at)).toBeNull()
  })
})

describe('a request', () => {
  const pending = stand()
  const approved = stand(met)
  const active = stand(met, { type: 'activated' })
  const ends = [
    stand(denied),
    stand({ type: 'cancelled' }),
    stand(met, { type: 'activated' }, { type: 'sessionEnded' }),
  ]

  test.each<readonly [string, RequestStanding, RequestEvent, string | null]>([
    ['is approved by a quorum', pending, met, 'approved'],
    ['waits without one', pending, unmet, 'pending'],
    ['falls back when a quorum is lost', approved, unmet, 'pending'],
    ['is denied by two teams', approved, denied, 'denied'],
    ['waits again after an edit', approved, { type: 'edited' }, 'pending'],
    ['is taken back', pending, { type: 'cancelled' }, 'cancelled'],
    ['is activated once approved', approved, { type: 'activated' }, 'active'],
    ['is not activated before', pending, { type: 'activated' }, null],
    ['is not activated twice', active, { type: 'activated' }, null],
    ['is not taken back once active', active, { type: 'cancelled' }, null],
    ['is not denied once active', active, denied, null],
    ['ends with its session', active, { type: 'sessionEnded' }, 'ended'],
  ])('%s', (_name, request, event, state) => {
    expect(stepRequest(request, event, at)?.state ?? null).toBe(state)
  })

  test('that has ended stays so', () => {
    const events: readonly RequestEvent[] = [
      met,
      denied,
      ...(['edited', 'cancelled', 'activated', 'sessionEnded'] as const).map((type) => ({ type })),
    ]
    for (const request of ends) for (const event of events) expect(stepRequest(request, event, at)).toBeNull()
  })

  test('lapses an hour after it was made, and half an hour after its quorum', () => {
    const { look, pass } = clocks()
    pass(59 * minutes)
    const late = stepRequest(newRequest(begin), met, look())
    expect(late?.state).toBe('approved')
    expect(late === null ? null : secondsLeft(late)).toBe(1800)
    pass(30 * minutes)
    expect(late === null ? null : stepRequest(late, { type: 'activated' }, look())).toBeNull()
    const lapsed =
      late === null
        ? null
        : stepRequest(late, { type: 'looked' }, { now: new Date(begin.getTime() + 89 * minutes), measuredMs: 0 })
    expect(lapsed?.state).toBe('lapsed')
  })

  test('does not live on because its quorum comes and goes', () => {
    const { look, pass } = clocks()
    let request: RequestStanding | null = newRequest(begin)
    for (let turn = 0; turn < 20 && request !== null; turn += 1) {
      pass(10 * minutes)
      request = stepRequest(request, turn % 2 === 0 ? met : unmet, look())
      if (request !== null) expect(turn).toBeLessThan(8)
    }
    expect(request).toBeNull()
  })
})

describe('a session', () => {
  const looked: SessionEvent = { type: 'looked', requesterActive: true, approversActive: true }
  const step = (session: SessionStanding | null, event: SessionEvent, look: Look): SessionStanding | null =>
    session === null ? null : stepSession(session, event, look)

  test('ends on time although the wall clock is set back by an hour every half hour', () => {
    const { look, pass, set } = clocks()
    let session: SessionStanding | null = newSession(4 * 3600, begin)
    let passed = 0
    while (session?.endedBy === null) {
      pass(minutes)
      passed += minutes
      if (passed % (30 * minutes) === 0) set(-60 * minutes)
      session = step(session, { type: 'used' }, look())
    }
    expect(session?.endedBy).toBe('expired')
    expect(passed).toBe(240 * minutes)
  })

  test('ends early when the wall clock is set ahead', () => {
    const { look, set } = clocks()
    set(61 * minutes)
    expect(step(newSession(3600, begin), { type: 'used' }, look())?.endedBy).toBe('expired')
  })

  test('is never longer than four hours, whatever is asked', () => {
    expect(sessionSecondsLeft(newSession(100_000, begin))).toBe(4 * 3600)
  })

  test('ends after half an hour without a call, and a call starts that time anew', () => {
    const { look, pass } = clocks()
    pass(29 * minutes)
    const used = step(newSession(2 * 3600, begin), { type: 'used' }, look())
    expect(used).toMatchObject({ endedBy: null, idleMs: 0 })
    pass(30 * minutes)
    expect(step(used, { type: 'used' }, look())?.endedBy).toBe('inactive')
  })

  test('warns fifteen and five minutes before its end, each once', () => {
    const { look, pass } = clocks()
    let session: SessionStanding | null = newSession(3600, begin)
    const warned: number[] = []
    for (let minute = 1; minute < 60; minute += 1) {
      pass(minutes)
      const before: number = session?.warned ?? 0
      session = step(step(session, { type: 'used' }, look()), looked, look())
      if ((session?.warned ?? 0) > before) warned.push(60 - minute)
    }
    expect(warned).toEqual([15, 5])
  })

  test.each<readonly [string, SessionEvent]>([
    ['revoked', { type: 'revoked' }],
    ['requester-disabled', { type: 'looked', requesterActive: false, approversActive: true }],
    ['approver-disabled', { type: 'looked', requesterActive: true, approversActive: false }],
  ])('%s ends it, and nothing brings it back', (endedBy, event) => {
    const ended = step(newSession(3600, begin), event, at)
    expect(ended?.endedBy).toBe(endedBy)
    for (const next of [{ type: 'used' }, looked, { type: 'revoked' }] as const)
      expect(step(ended, next, at)).toBeNull()
  })
})
