import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { roundBudget } from './budgets.ts'
import { visitRound } from './visit-round.ts'
import { visitSecondsMax } from './visit-times.ts'

const hosts = (count: number): string[] => Array.from({ length: count }, (_, index) => `host ${index}`)
const seconds = (count: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, count * 1000))

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** Runs the clock until the round has ended; how long it took, and what came of it. */
const timed = async (count: number, visit: (hostId: string) => Promise<string>) => {
  const began = performance.now()
  const round = visitRound(hosts(count), roundBudget, visit)
  let took = Infinity
  void round.then(() => (took = (performance.now() - began) / 1000))
  await vi.advanceTimersByTimeAsync(1000_000)
  return { ...(await round), took }
}

describe('a round over two hundred hosts', () => {
  test('that hang until they are cut ends within its budget, and leaves the rest for the next', async () => {
    let [open, most] = [0, 0]
    const { visited, failed, left, took } = await timed(200, async () => {
      most = Math.max(most, (open += 1))
      await seconds(visitSecondsMax)
      open -= 1
      throw new Error('unreachable')
    })
    expect(took).toBeLessThanOrEqual(roundBudget.seconds)
    expect(most).toBe(roundBudget.parallelMax)
    expect(visited).toEqual([])
    const { parallelMax, seconds: all, visitSeconds } = roundBudget
    expect(failed.length).toBeGreaterThanOrEqual(parallelMax * Math.floor(all / visitSeconds))
    expect([...failed, ...left]).toEqual(hosts(200))
  })

  test('that never end at all ends within its budget, too', async () => {
    const { failed, left, took } = await timed(200, () => new Promise(() => undefined))
    expect(took).toBe(roundBudget.seconds)
    expect([failed.length, left.length]).toEqual([roundBudget.parallelMax, 200 - roundBudget.parallelMax])
  })

  test('of which some hang reaches all others', async () => {
    const { visited, failed, left } = await timed(200, async (hostId) => {
      await seconds(hostId.endsWith('7') ? visitSecondsMax : 0.5)
      return `been at ${hostId}`
    })
    expect([visited.length, failed.length, left.length]).toEqual([200, 0, 0])
    expect(visited[0]).toEqual({ hostId: 'host 0', result: 'been at host 0' })
  })

  test('what ends after the round has ended changes nothing of what was told', async () => {
    const round = await timed(3, async () => {
      await seconds(500)
      return 'late'
    })
    expect([round.visited, round.failed]).toEqual([[], hosts(3)])
  })
})

test('a round over nobody is over at once', async () => {
  vi.useRealTimers()
  expect(await visitRound([], roundBudget, () => sleep(1))).toEqual({ visited: [], failed: [], left: [] })
})
