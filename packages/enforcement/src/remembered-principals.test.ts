import { expect, test } from 'vitest'
import type { Caller } from './call.ts'
import { anonymous, CallerMovedError, type Principal, type UserPrincipal } from './principal.ts'
import { rememberedPrincipals } from './remembered-principals.ts'

const caller = (): Caller => ({ credential: 'token', address: '192.0.2.1', userAgent: '', transport: 'trpc' })
const looked: Principal = { type: 'Service', id: 'looked', name: 'looked', bound: true }
// no more of a person is read here
const assumed = { type: 'User', id: 'assumed', assumed: '1' } as unknown as UserPrincipal

function principals(known: UserPrincipal | null) {
  const asked: string[] = []
  const principalOf = rememberedPrincipals({
    authenticate: () => {
      asked.push('look')
      return Promise.resolve(looked)
    },
    assume: () => {
      asked.push('assume')
      return Promise.resolve(known)
    },
  })
  return { asked, principalOf }
}

test('who is known is not looked at, and is known once for all calls of a request', async () => {
  const { asked, principalOf } = principals(assumed)
  const one = caller()
  expect(await Promise.all([principalOf.assumed(one), principalOf.assumed(one)])).toEqual([assumed, assumed])
  expect(asked).toEqual(['assume'])
})

test('who is not known is looked at, once', async () => {
  const { asked, principalOf } = principals(null)
  const one = caller()
  expect(await Promise.all([principalOf.assumed(one), principalOf.assumed(one)])).toEqual([looked, looked])
  expect(asked).toEqual(['assume', 'look'])
})

test('who was looked at is assumed no more', async () => {
  const { asked, principalOf } = principals(assumed)
  const one = caller()
  expect(await principalOf.assumed(one)).toBe(assumed)
  expect(await principalOf(one)).toBe(looked)
  expect(await principalOf.assumed(one)).toBe(looked)
  expect(asked).toEqual(['assume', 'look'])
})

test('who was assumed is named only after a look, and a stranger is not looked at for it', async () => {
  const { asked, principalOf } = principals(assumed)
  const one = caller()
  expect(await principalOf.known(one)).toBe(anonymous)
  expect(asked).toEqual([])
  await principalOf.assumed(one)
  expect(await principalOf.known(one)).toBe(looked)
})

test('work whose caller has moved is done once more after a look, and other failures are not', async () => {
  const { principalOf } = principals(assumed)
  const one = caller()
  const seen: Principal[] = []
  const work = async (): Promise<string> => {
    const principal = await principalOf.assumed(one)
    seen.push(principal)
    if (principal === assumed) throw new CallerMovedError('moved')
    return 'answer'
  }
  expect(await principalOf.provingAgain(one, work)).toBe('answer')
  expect(seen).toEqual([assumed, looked])
  let tries = 0
  const failing = () => {
    tries += 1
    return Promise.reject(new Error('another'))
  }
  await expect(principalOf.provingAgain(one, failing)).rejects.toThrow('another')
  expect(tries).toBe(1)
})

test('who moves after each look is refused in the end', async () => {
  const { asked, principalOf } = principals(null)
  const one = caller()
  const moving = async () => {
    await principalOf.assumed(one)
    throw new CallerMovedError('moved')
  }
  await expect(principalOf.provingAgain(one, moving)).rejects.toMatchObject({ code: 'unavailable' })
  expect(asked).toEqual(['assume', 'look', 'look', 'look', 'look'])
})
