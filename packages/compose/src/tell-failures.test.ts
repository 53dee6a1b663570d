import { afterEach, expect, test, vi } from 'vitest'
import { tellFailures } from './tell-failures.ts'

afterEach(() => void vi.useRealTimers())

test('the same failure is told once a minute, with how often it came; another one at once', () => {
  vi.useFakeTimers({ toFake: ['performance'] })
  const told: object[] = []
  const tell = tellFailures({ error: (what: object) => void told.push(what) } as never) // the one thing it does with it
  const away = new Error('away')
  for (let i = 0; i < 5; i += 1) tell('temporal', away)
  tell('temporal', new Error('late'))
  tell('keys', away)
  expect(told).toEqual([
    { part: 'temporal', err: away },
    { part: 'temporal', err: new Error('late') },
    { part: 'keys', err: away },
  ])
  vi.advanceTimersByTime(60_000)
  tell('temporal', away)
  expect(told[3]).toEqual({ part: 'temporal', err: away, untold: 4 })
})
