import type { RunInternal } from '@gatehouse/enforcement'
import { expect, test } from 'vitest'
import { leaseSweeps } from './lease-sweeps.ts'
import type { Backends } from './secret-backend.ts'

const backends = { 'ssh-otp': { name: 'ssh-otp' } } as unknown as Backends // no more of one is read here

/** Runs the one sweep there is over these answers, and says how often it asked and what it said. */
async function swept(answers: readonly { readonly ended: number; readonly nextDueInSeconds: number | null }[]) {
  let asked = 0
  const internal = (() => {
    const answer = answers[asked]
    asked += 1
    return Promise.resolve({ failed: [], ...answer })
  }) as unknown as RunInternal // of one operation
  const [sweep] = leaseSweeps({ nextDueInSeconds: () => Promise.resolve(null) }, backends)
  return { next: await sweep?.run(internal), asked }
}

test('one run ends batch after batch while more is due', async () => {
  const full = { ended: 500, nextDueInSeconds: -3 }
  expect(await swept([full, full, { ended: 7, nextDueInSeconds: 60 }])).toEqual({ next: 60, asked: 3 })
  expect(await swept([{ ended: 500, nextDueInSeconds: null }])).toEqual({ next: null, asked: 1 })
})

test('what is due and cannot be ended now is left to the next run', async () => {
  expect(await swept([{ ended: 0, nextDueInSeconds: -3 }])).toEqual({ next: -3, asked: 1 })
})
