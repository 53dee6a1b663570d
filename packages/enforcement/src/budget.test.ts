// What one call may take of a process, and how many at once.
import { describe, expect, test } from 'vitest'
import { createBudget, ownWaitingMax } from './budget.ts'
import type { UserPrincipal } from './principal.ts'

const ada = { type: 'User', id: 'ada' } as UserPrincipal
const bob = { type: 'User', id: 'bob' } as UserPrincipal
const verify = { name: 'audit.verify', principal: ada } as const
const never = (): Promise<never> => new Promise(() => undefined)

describe('a heavy operation', () => {
  test('runs one at a time for a person: twenty aliases are one run and nineteen refusals', async () => {
    const budget = createBudget()
    const work = Promise.withResolvers<string>()
    let runs = 0
    const all = Promise.allSettled(
      Array.from({ length: 20 }, () =>
        budget(verify, () => {
          runs += 1
          return work.promise
        }),
      ),
    )
    expect(await budget({ ...verify, principal: bob }, () => Promise.resolve('another person'))).toBe('another person')
    expect(await budget({ name: 'lease.get', principal: ada }, () => Promise.resolve('light'))).toBe('light')
    work.resolve('verified')
    const settled = await all
    expect(runs).toBe(1)
    expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    expect(settled.filter(({ status }) => status === 'rejected')).toHaveLength(19)
    expect(settled[1]).toMatchObject({ reason: { code: 'rate-limited', details: { retryAfterSeconds: 5 } } })
    expect(await budget(verify, () => Promise.resolve('again'))).toBe('again')
  })

  test('keeps its place while it runs, even when its caller was told that it took too long', async () => {
    const budget = createBudget({ query: 10, heavy: 20 })
    await expect(budget(verify, never)).rejects.toMatchObject({ code: 'unavailable' })
    await expect(budget(verify, never)).rejects.toMatchObject({ code: 'rate-limited' })
  })

  test('that fails gives its place back', async () => {
    const budget = createBudget()
    await expect(budget(verify, () => Promise.reject(new Error('no')))).rejects.toThrow('no')
    expect(await budget(verify, () => Promise.resolve('again'))).toBe('again')
  })
})

describe('an operation with a lane for each person', () => {
  const search = { name: 'audit.search', principal: ada } as const

  test('runs four at once, lets a few wait and refuses the rest; another person has a lane of their own', async () => {
    const budget = createBudget()
    const gate = Promise.withResolvers<void>()
    let [running, most] = [0, 0]
    const work = async (): Promise<string> => {
      most = Math.max(most, (running += 1))
      await gate.promise
      running -= 1
      return 'found'
    }
    const all = Promise.allSettled(Array.from({ length: 100 }, () => budget(search, work)))
    expect(await budget({ ...search, principal: bob }, () => Promise.resolve('of another'))).toBe('of another')
    gate.resolve()
    const settled = await all
    expect(most).toBe(4)
    expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(4 + ownWaitingMax)
    expect(settled.at(-1)).toMatchObject({ reason: { code: 'rate-limited' } })
    expect(await budget(search, () => Promise.resolve('again'))).toBe('again')
  })
})

describe('time', () => {
  test('ends a query that takes too long as unavailable', async () => {
    const budget = createBudget({ query: 10, heavy: 20 })
    await expect(budget({ name: 'lease.get', principal: ada }, never)).rejects.toMatchObject({ code: 'unavailable' })
  })

  test('never ends a change: nobody could say whether it was made', async () => {
    const budget = createBudget({ query: 10, heavy: 20 })
    const slow = () => new Promise((resolve) => setTimeout(() => resolve('done'), 50))
    expect(await budget({ name: 'lease.revoke', principal: ada }, slow)).toBe('done')
  })
})
