import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  closingAt,
  keyStates,
  keySteps,
  keyUses,
  leavingStep,
  mayUse,
  minimumProblem,
  moveKey,
  nextOfKey,
  nextRotation,
  openingProblem,
  paceOf,
  settledDays,
  versionStates,
  type ClockStanding,
  type KeyEvent,
  type KeyStanding,
  type KeyState,
  type KeyStep,
} from './transitions.ts'

const now = new Date('2026-11-29T12:00:00Z')
const inDays = (days: number): Date => new Date(now.getTime() + days * 86_400_000)
const standing = (known: Partial<KeyStanding>): KeyStanding => ({
  state: 'enabled',
  deletionGuard: false,
  deleteAt: known.state === 'pending-deletion' ? now : null,
  ciphertexts: 0,
  ...known,
})
const eventOf = (step: KeyStep): KeyEvent => (step === 'schedule-deletion' ? { step, days: 7, losing: 0 } : { step })

/** Every state with every step, as the page of the design has them. A dash: refused. */
const table: Readonly<Record<KeyState, Readonly<Record<KeyStep, KeyState | '-'>>>> = {
  enabled: {
    enable: '-',
    restrict: 'decrypt-only',
    disable: 'disabled',
    'schedule-deletion': 'pending-deletion',
    'cancel-deletion': '-',
    destroy: '-',
  },
  'decrypt-only': {
    enable: 'enabled',
    restrict: '-',
    disable: 'disabled',
    'schedule-deletion': 'pending-deletion',
    'cancel-deletion': '-',
    destroy: '-',
  },
  disabled: {
    enable: 'enabled',
    restrict: 'decrypt-only',
    disable: '-',
    'schedule-deletion': 'pending-deletion',
    'cancel-deletion': '-',
    destroy: '-',
  },
  'pending-deletion': {
    enable: '-',
    restrict: '-',
    disable: '-',
    'schedule-deletion': '-',
    'cancel-deletion': 'disabled',
    destroy: 'destroyed',
  },
  destroyed: {
    enable: '-',
    restrict: '-',
    disable: '-',
    'schedule-deletion': '-',
    'cancel-deletion': '-',
    destroy: '-',
  },
}
const cases = keyStates.flatMap((from) => keySteps.map((step) => ({ from, step, to: table[from][step] })))

describe('a key', () => {
  test.for(cases)('that is $from, on $step, comes to be: $to', ({ from, step, to }) => {
    const deleteAt = to === 'pending-deletion' ? inDays(7) : null
    expect(moveKey(standing({ state: from }), eventOf(step), now)).toEqual(
      to === '-' ? { problem: 'not-from-here' } : { problem: null, state: to, deleteAt },
    )
  })

  test.for([
    [6, 'too-few-days'],
    [7, null],
    [30, null],
    [31, 'too-many-days'],
  ] as const)('that is to be destroyed in %i days: %s', ([days, problem]) => {
    const moved = moveKey(standing({}), { step: 'schedule-deletion', days, losing: 0 }, now)
    expect(moved).toEqual(
      problem === null ? { problem, state: 'pending-deletion', deleteAt: inDays(days) } : { problem },
    )
  })

  test('is not scheduled for deletion behind its guard', () => {
    expect(moveKey(standing({ deletionGuard: true }), eventOf('schedule-deletion'), now)).toEqual({
      problem: 'guarded',
    })
  })

  test('is not scheduled for deletion by who does not know how much is lost with it', () => {
    const losing = (count: number) =>
      moveKey(standing({ ciphertexts: 12 }), { step: 'schedule-deletion', days: 7, losing: count }, now).problem
    expect([0, 11, 12, 20].map(losing)).toEqual(['loses-more', 'loses-more', null, null])
  })

  test('is destroyed when its time has come, and no moment sooner', () => {
    const waiting = standing({ state: 'pending-deletion', deleteAt: inDays(7) })
    const at = (moment: Date) => moveKey(waiting, { step: 'destroy' }, moment).problem
    expect([now, new Date(inDays(7).getTime() - 1), inDays(7), inDays(8)].map(at)).toEqual([
      'too-soon',
      'too-soon',
      null,
      null,
    ])
  })

  test('is destroyed after seven days of waiting or more, whatever is asked in whatever order', () => {
    const step = fc.record({
      event: fc.oneof(
        fc.constantFrom(...keySteps.filter((name) => name !== 'schedule-deletion')).map((name) => ({ step: name })),
        fc.record({ step: fc.constant('schedule-deletion' as const), days: fc.integer(), losing: fc.nat(3) }),
      ),
      daysLater: fc.nat(10),
      guard: fc.boolean(),
    })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        let [known, at] = [standing({}), now]
        let waitingSince: Date | null = null
        for (const { event, daysLater, guard } of steps) {
          at = new Date(at.getTime() + daysLater * 86_400_000)
          const moved = moveKey({ ...known, deletionGuard: guard }, event, at)
          if (moved.problem !== null) continue
          if (moved.state === 'destroyed')
            expect(at.getTime() - (waitingSince?.getTime() ?? at.getTime())).toBeGreaterThanOrEqual(7 * 86_400_000)
          waitingSince = moved.state === 'pending-deletion' ? at : null
          known = { ...known, ...moved }
          expect(known.state === 'pending-deletion').toBe(known.deleteAt !== null)
        }
      }),
    )
  })
})

describe('what a key is used for', () => {
  const uses: Readonly<Record<KeyState, readonly string[]>> = {
    enabled: ['encrypt', 'decrypt', 'rewrap', 'rotate'],
    'decrypt-only': ['decrypt'],
    disabled: [],
    'pending-deletion': [],
    destroyed: [],
  }
  test.for(keyStates)('while it is %s', (state) => {
    expect(keyUses.filter((use) => mayUse(state, use))).toEqual(uses[state])
  })
})

describe('a ciphertext of a version', () => {
  const opened = versionStates.flatMap((state) =>
    (['decrypt', 'rewrap'] as const).flatMap((use) => [2, 3, 4].map((version) => ({ state, use, version }))),
  )
  test.for(opened)('that is $version of at least 3, $state, for $use', ({ state, use, version }) => {
    const above = {
      live: { decrypt: null, rewrap: null },
      revoked: { decrypt: 'version-revoked', rewrap: null },
      destroyed: { decrypt: 'version-destroyed', rewrap: 'version-destroyed' },
    }[state][use]
    const expected = version < 3 && state !== 'destroyed' ? 'below-minimum' : above
    expect(openingProblem({ version, state, minimumVersion: 3 }, use)).toBe(expected)
  })
})

describe('the minimum version', () => {
  const census = [
    { version: 1, ciphertexts: 0 },
    { version: 2, ciphertexts: 5 },
    { version: 4, ciphertexts: 9 },
  ]
  test.for([
    [1, null],
    [2, null],
    [3, { problem: 'left-behind', ciphertexts: 5 }],
    [4, { problem: 'left-behind', ciphertexts: 5 }],
    [5, { problem: 'no-such-version' }],
  ] as const)('%i of four', ([minimum, expected]) => {
    expect(minimumProblem({ currentVersion: 4, minimumVersion: 1, census }, minimum)).toEqual(expected)
  })

  test('what two people left behind before is not asked about again', () => {
    expect(minimumProblem({ currentVersion: 4, minimumVersion: 3, census }, 4)).toBeNull()
    expect(minimumProblem({ currentVersion: 4, minimumVersion: 3, census }, 1)).toBeNull()
  })
})

test('a key is rotated so many days after its last rotation, or by hand alone', () => {
  expect(nextRotation(90, now)).toEqual(inDays(90))
  expect(nextRotation(null, now)).toBeNull()
})

describe('older versions of a key', () => {
  const known = (one: Partial<ClockStanding>): ClockStanding => ({
    state: 'enabled',
    currentVersion: 3,
    minimumVersion: 1,
    needed: false,
    settledSince: null,
    rotateAt: null,
    ...one,
  })
  const aMoment = 1

  test.for([
    ['that are needed stay', known({ needed: true }), null],
    ['that are needed after all are not waited for', known({ needed: true, settledSince: inDays(-9) }), 'unsettle'],
    ['that nothing needs are waited for', known({}), 'settle'],
    ['wait a week', known({ settledSince: new Date(inDays(-settledDays).getTime() + aMoment) }), null],
    ['are closed after it', known({ settledSince: inDays(-settledDays) }), 'close'],
    ['wait longer when the clock was set back', known({ settledSince: inDays(2) }), null],
    ['are none of the current one', known({ minimumVersion: 3, settledSince: inDays(-9) }), null],
  ] as const)('%s', ([_what, standingNow, step]) => {
    expect(leavingStep(standingNow, now)).toBe(step)
  })

  test.for(keyStates.filter((state) => state !== 'enabled'))('of a key that is %s are left alone', (state) => {
    expect(leavingStep(known({ state, settledSince: inDays(-9) }), now)).toBeNull()
    expect(nextOfKey(known({ state, settledSince: inDays(-9), rotateAt: inDays(-1) }), now)).toBeNull()
  })

  test.for([
    ['nothing, without a period and older versions', known({ minimumVersion: 3 }), null],
    ['its rotation', known({ minimumVersion: 3, rotateAt: inDays(4) }), inDays(4)],
    ['its rotation, however late', known({ minimumVersion: 3, rotateAt: inDays(-4) }), inDays(-4)],
    ['somebody who rewraps', known({ needed: true }), 'somebody'],
    ['its rotation, whoever rewraps', known({ needed: true, rotateAt: inDays(4) }), inDays(4)],
    ['the end of the week', known({ settledSince: inDays(-1), rotateAt: inDays(90) }), closingAt(inDays(-1))],
    ['a look at once, where nobody has looked', known({ rotateAt: inDays(90) }), now],
  ] as const)('the clock waits for %s', ([_what, standingNow, next]) => {
    expect(nextOfKey(standingNow, now)).toEqual(next)
  })
})

describe('how fast ciphertexts come over', () => {
  test('is by the day, and says when the last one will have', () => {
    expect(paceOf({ since: inDays(-4), moved: 8, left: 4 }, now)).toEqual({ perDay: 2, doneAt: inDays(2) })
    expect(paceOf({ since: inDays(-4), moved: 8, left: 0 }, now)).toEqual({ perDay: 2, doneAt: null })
  })

  test('is not known while none has come', () => {
    expect(paceOf({ since: inDays(-4), moved: 0, left: 4 }, now)).toEqual({ perDay: null, doneAt: null })
  })

  test('is not told of the first minutes, nor by a clock that was set back', () => {
    for (const since of [now, inDays(1)])
      expect(paceOf({ since, moved: 1, left: 24 }, now)).toEqual({ perDay: 24, doneAt: inDays(1) })
  })

  test('is always a time that can be told, or none', () => {
    const count = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER })
    fc.assert(
      fc.property(fc.date({ noInvalidDate: true }), count, count, (since, moved, left) => {
        const { doneAt } = paceOf({ since, moved, left }, now)
        if (doneAt !== null) expect(doneAt.toISOString()).toMatch(/^20/)
      }),
    )
  })
})
