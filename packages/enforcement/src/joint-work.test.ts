import { Refusal } from '@gatehouse/contract'
import { expect, test } from 'vitest'
import { createJointWork, type PermittedCall } from './joint-work.ts'
import { CallerMovedError, type UserPrincipal } from './principal.ts'
import { uid, type Slice } from './slice.ts'

interface Asked extends PermittedCall {
  readonly word: string
}

const ask = (word: string, { session = 's', person = 'p', host = 'h' } = {}): Asked => {
  // no more of a person or a thing is read here
  const principal = { type: 'User', id: person, session: { id: session } } as UserPrincipal
  const slice = { resource: uid('SshHost', host) } as Slice
  return { word, permit: { principal, slice } }
}

/** Work that answers each in capitals, and refuses all where one of them is bad. */
function heldWork() {
  const done: string[][] = []
  const work = createJointWork(async (calls: readonly Asked[]) => {
    done.push(calls.map(({ word }) => word))
    await new Promise((resolve) => setImmediate(resolve))
    if (calls.some(({ word }) => word === 'bad')) throw new Refusal('conflict', { hint: 'bad' })
    if (calls.some(({ word }) => word === 'moved')) throw new CallerMovedError('moved')
    if (calls.some(({ word }) => word === 'broken')) throw new TypeError('broken')
    return calls.map(({ word }) => word.toUpperCase())
  })
  return { done, work }
}

test('calls that come while such work is under way are done together, each answered for itself', async () => {
  const { done, work } = heldWork()
  const first = work(ask('a'))
  await new Promise((resolve) => setImmediate(resolve)) // it has begun, and is under way until the next turn
  const others = ['b', 'c'].map((word) => work(ask(word)))
  expect(await Promise.all([first, ...others])).toEqual(['A', 'B', 'C'])
  expect(done).toEqual([['a'], ['b', 'c']])
})

test('calls of other people, in other sessions or on other things are done apart', async () => {
  const { done, work } = heldWork()
  const asked = [ask('a'), ask('b', { person: 'q' }), ask('c', { session: 't' }), ask('d', { host: 'g' })]
  expect(await Promise.all(asked.map(work))).toEqual(['A', 'B', 'C', 'D'])
  expect(done).toEqual([['a'], ['b'], ['c'], ['d']])
})

test('what is refused for one is refused to that one alone', async () => {
  const { done, work } = heldWork()
  const settled = await Promise.allSettled(['a', 'bad', 'b'].map((word) => work(ask(word))))
  expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
  expect(settled[1]).toMatchObject({ reason: { code: 'conflict' } })
  expect(done).toEqual([['a', 'bad', 'b'], ['a'], ['bad'], ['b']])
})

test('who has moved since they were looked at is told alone: others of the session have a newer look', async () => {
  const { done, work } = heldWork()
  const settled = await Promise.allSettled(['a', 'moved'].map((word) => work(ask(word))))
  expect(settled[0]).toEqual({ status: 'fulfilled', value: 'A' })
  expect(settled[1]).toMatchObject({ reason: { name: 'CallerMovedError' } })
  expect(done).toEqual([['a', 'moved'], ['a'], ['moved']])
})

test('what breaks breaks for all of them, and is not tried again', async () => {
  const { done, work } = heldWork()
  const settled = await Promise.allSettled(['a', 'broken'].map((word) => work(ask(word))))
  expect(settled.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  expect(done).toEqual([['a', 'broken']])
})
