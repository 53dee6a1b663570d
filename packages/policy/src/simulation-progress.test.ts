// Threat C22: what is held open ends when it is let go of.
import { expect, test } from 'vitest'
import { createSimulationProgress } from './simulation-progress.ts'

test('who watches while nothing runs, and goes, is gone at once', async () => {
  const watching = createSimulationProgress().watch('ada')[Symbol.asyncIterator]()
  const waiting = watching.next()
  expect(await watching.return?.()).toEqual({ done: true, value: undefined })
  expect(await waiting).toEqual({ done: true, value: undefined })
})

test('is told how far their own simulation has come, and of nobody else’s', async () => {
  const progress = createSimulationProgress()
  const running = progress.begin('ada', new Date(2000))
  running.reached(new Date(1000), 7)
  running.reached(new Date(1250), 9)
  const [own, other] = ['ada', 'bob'].map((who) => progress.watch(who)[Symbol.asyncIterator]())
  expect(await own?.next()).toEqual({ done: false, value: { decisions: 9, percent: 25 } })
  const waiting = other?.next()
  await other?.return?.()
  expect(await waiting).toEqual({ done: true, value: undefined })
})
