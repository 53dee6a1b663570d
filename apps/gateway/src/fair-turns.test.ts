import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { createFairTurns } from './fair-turns.ts'

const a = { address: '192.0.2.1', credential: 'a' }
const b = { address: '192.0.2.1', credential: 'b' }

test('one request of another lane passes a stampede', async () => {
  const turns = createFairTurns()
  const order: string[] = []
  const stampede = Array.from({ length: 100 }, () => turns(a, () => order.push('a')))
  const single = turns(b, () => order.push('b'))
  await Promise.all([...stampede, single])
  expect(order.indexOf('b')).toBeLessThan(3)
  expect(order).toHaveLength(101)
})

test('a stampede with a new credential in each request is one address to all others', async () => {
  const turns = createFairTurns()
  const order: string[] = []
  const stampede = Array.from({ length: 1000 }, (_, at) =>
    turns({ address: '192.0.2.1', credential: `made up ${at}` }, () => order.push('a')),
  )
  const single = turns({ address: '192.0.2.2', credential: 'b' }, () => order.push('b'))
  await Promise.all([...stampede, single])
  expect(order.indexOf('b')).toBeLessThan(3)
  expect(order).toHaveLength(1001)
})

test('within a lane first come is first served', async () => {
  const turns = createFairTurns()
  const order: number[] = []
  await Promise.all(Array.from({ length: 20 }, (_, i) => turns(a, () => order.push(i))))
  expect(order).toEqual(Array.from({ length: 20 }, (_, i) => i))
})

test('the event loop is looked at between turns', async () => {
  const turns = createFairTurns()
  let begun = 0
  const all = Promise.all(
    Array.from({ length: 50 }, () =>
      turns(a, () => {
        begun += 1
      }),
    ),
  )
  await nextTurn()
  await nextTurn()
  expect(begun).toBeLessThan(20)
  await all
})

test('nor do those pass that are done before the next one is read', async () => {
  const turns = createFairTurns()
  let begun = 0
  const oneByOne = async () => {
    for (let at = 0; at < 50; at += 1)
      await turns(a, () => {
        begun += 1
      })
  }
  const all = oneByOne()
  // as often as the engine looks for what may go on, in one and the same turn
  for (let at = 0; at < 1000; at += 1) await Promise.resolve()
  expect(begun).toBe(1)
  await all
})

test('what a request throws is its own', async () => {
  const turns = createFairTurns()
  await expect(turns(a, () => Promise.reject(new Error('mine')))).rejects.toThrow('mine')
  await expect(turns(a, () => 1)).resolves.toBe(1)
})

test('who comes alone is begun at once, and again once nothing is under way', async () => {
  const turns = createFairTurns()
  const { promise, resolve } = Promise.withResolvers<string>()
  const begun: string[] = []
  const start = (name: string, work: Promise<string> | string) =>
    turns(a, () => {
      begun.push(name)
      return work
    })
  const first = start('first', promise)
  const second = start('second', 'done')
  expect(begun).toEqual(['first'])
  await second
  expect(begun).toEqual(['first', 'second'])
  resolve('done')
  await first
  const third = start('third', 'done')
  expect(begun).toEqual(['first', 'second', 'third'])
  await third
})

test('what has failed is not under way any more', async () => {
  const turns = createFairTurns()
  await expect(turns(a, () => Promise.reject(new Error('mine')))).rejects.toThrow('mine')
  await nextTurn()
  let begun = false
  const next = turns(a, () => {
    begun = true
  })
  expect(begun).toBe(true)
  await next
})
