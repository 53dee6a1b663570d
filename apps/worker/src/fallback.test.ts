import type { OperationName } from '@gatehouse/contract'
import { systemRandom } from '@gatehouse/enforcement'
import { describe, test, vi } from 'vitest'
import { startFallback, type FallbackDeps } from './fallback.ts'

const startedAt = Date.parse('2026-11-23T10:00:00Z')

/** Starts it with one schedule of every ten minutes, and answers what it ran and how often it looked. */
function started(lastRunAt: () => Date | null) {
  let now = startedAt
  const clock = { now: () => new Date(now) }
  const ran: OperationName[] = []
  let looks = 0
  const deps = {
    sweeps: [],
    schedules: [{ operation: 'revocation.prune', input: {}, everySeconds: 600 }],
    clock,
    random: systemRandom(clock),
    enforcer: {
      internal: (name: OperationName) => {
        ran.push(name)
        return Promise.resolve({})
      },
    },
    lastRunAt: () => {
      looks += 1
      return Promise.resolve(lastRunAt())
    },
    onError: () => undefined,
  } as unknown as FallbackDeps // its one schedule is all it reads of it
  const fallback = startFallback(deps)
  return {
    ran,
    looks: () => looks,
    at: (seconds: number): void => void (now = startedAt + seconds * 1000),
    close: () => fallback.close(),
  }
}
/** Two of its rounds, in which it would have done what it has to do. */
const rounds = () => new Promise((done) => void setTimeout(done, 2200))

// Each waits for rounds of a second, so they do it at once.
describe.concurrent('what is late', () => {
  test('what nobody has ever run is late a minute after the start, and not before', async ({
    expect,
    onTestFinished,
  }) => {
    const { ran, looks, at, close } = started(() => null)
    onTestFinished(close)
    await vi.waitFor(() => expect(looks()).toBe(1))
    at(59)
    await rounds()
    expect([ran, looks()]).toEqual([[], 1])
    at(61)
    await vi.waitFor(() => expect(ran).toEqual(['revocation.prune']), { timeout: 5000 })
  })

  test('what ran before is late a minute after its next run was due, by whomever it was to be made', async ({
    expect,
    onTestFinished,
  }) => {
    const { ran, looks, at, close } = started(() => new Date(startedAt - 600_000))
    onTestFinished(close)
    await vi.waitFor(() => expect(looks()).toBe(1))
    await rounds()
    expect(ran).toEqual([])
    at(61)
    await vi.waitFor(() => expect(ran).toEqual(['revocation.prune']), { timeout: 5000 })
  })

  test('what is late at the start runs at once, and after it is looked at a minute later only', async ({
    expect,
    onTestFinished,
  }) => {
    const { ran, close } = started(() => new Date(startedAt - 86_400_000))
    onTestFinished(close)
    await vi.waitFor(() => expect(ran).toHaveLength(1))
    await rounds()
    expect(ran).toHaveLength(1)
  })
})
