import { Refusal } from '@gatehouse/contract'
import { expect, test } from 'vitest'
import { createGate } from './gate.ts'

/** Work that is under way until it is told to end. */
function slow(): { work: () => Promise<string>; end: () => void; started: () => boolean } {
  let finish: () => void = () => undefined
  let begun = false
  const ended = new Promise<void>((resolve) => {
    finish = resolve
  })
  return {
    work: async () => {
      begun = true
      await ended
      return 'done'
    },
    end: () => finish(),
    started: () => begun,
  }
}

test('no more run at once than the gate is wide, and the others follow in order', async () => {
  const gate = createGate({ width: 2, queueMax: 8, waitMillisecondsMax: 5000 })
  const jobs = [slow(), slow(), slow(), slow()]
  const results = jobs.map(({ work }) => gate(work))
  await new Promise((resolve) => setTimeout(resolve, 5))
  expect(jobs.map(({ started }) => started())).toEqual([true, true, false, false])
  jobs[1]?.end()
  await results[1]
  await new Promise((resolve) => setTimeout(resolve, 5))
  expect(jobs.map(({ started }) => started())).toEqual([true, true, true, false])
  for (const { end } of jobs) end()
  expect(await Promise.all(results)).toEqual(['done', 'done', 'done', 'done'])
})

test('who finds the queue full is refused at once, and his work never runs', async () => {
  const gate = createGate({ width: 1, queueMax: 1, waitMillisecondsMax: 5000 })
  const [first, second, third] = [slow(), slow(), slow()]
  const running = [gate(first.work), gate(second.work)]
  await expect(gate(third.work)).rejects.toMatchObject({ code: 'unavailable' })
  first.end()
  second.end()
  await Promise.all(running)
  expect(third.started()).toBe(false)
})

test('who waits too long is refused, and his place is free for the next', async () => {
  const gate = createGate({ width: 1, queueMax: 4, waitMillisecondsMax: 20 })
  const [first, second] = [slow(), slow()]
  const running = gate(first.work)
  await expect(gate(second.work)).rejects.toBeInstanceOf(Refusal)
  first.end()
  await running
  expect(second.started()).toBe(false)
  expect(await gate(() => Promise.resolve(3))).toBe(3)
})

test('work that fails gives its place back', async () => {
  const gate = createGate({ width: 1, queueMax: 1, waitMillisecondsMax: 20 })
  await expect(gate(() => Promise.reject(new TypeError('broken')))).rejects.toThrow('broken')
  expect(await gate(() => Promise.resolve('next'))).toBe('next')
})
