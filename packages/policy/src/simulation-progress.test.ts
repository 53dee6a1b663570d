import { expect, test } from 'vitest'
import { createSimulationProgress } from './simulation-progress.ts'

const minute = (n: number): Date => new Date(60_000 * n)

test('whoever has a simulation running is told how far it has come, and nobody else', async () => {
  const progress = createSimulationProgress()
  const [one, other] = [progress.begin('ada', minute(100)), progress.begin('bob', minute(100))]
  one.reached(minute(60), 1)
  one.reached(minute(70), 50)
  const told = progress.watch('ada')
  expect((await told.next()).value).toEqual({ decisions: 50, percent: 25 })
  // by the clock the last decision is the end; it is not done before it has answered
  one.reached(minute(100), 400)
  other.reached(minute(99), 7)
  expect((await told.next()).value).toEqual({ decisions: 400, percent: 99 })
  one.end()
  const next = progress.watch('ada').next()
  other.end()
  progress.begin('ada', minute(100))
  expect((await next).value).toEqual({ decisions: 0, percent: 0 })
})
