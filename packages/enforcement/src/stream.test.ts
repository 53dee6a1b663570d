// Threat C22: what is held open ends when it is let go of, costs nothing while it is quiet, and has its places.
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { anonymous, type UserPrincipal } from './principal.ts'
import { createStreamPlaces, streamsMax } from './stream-places.ts'
import { createRechecks } from './stream-rechecks.ts'
import { holdStream } from './stream.ts'

/** A source of what is pushed; its `return` is counted. */
function createSource<T>() {
  const items: T[] = []
  const readers: ((step: IteratorResult<T>) => void)[] = []
  const state = { returned: 0, asked: 0 }
  const source: AsyncIterable<T> = {
    [Symbol.asyncIterator]: () => ({
      next: () => {
        state.asked += 1
        const item = items.shift()
        if (item !== undefined) return Promise.resolve({ done: false, value: item })
        return new Promise((resolve) => readers.push(resolve))
      },
      return: () => {
        state.returned += 1
        return Promise.resolve({ done: true, value: undefined })
      },
    }),
  }
  const push = (value: T): void => {
    const reader = readers.shift()
    if (reader === undefined) items.push(value)
    else reader({ done: false, value })
  }
  return { source, push, state }
}

const fresh = (): Promise<void> => Promise.resolve()
/** Items and errors as they come. */
const asIs = { make: (item: number) => item, failed: (error: unknown) => error }

describe('a held stream', () => {
  test('gives its source’s items in order', async () => {
    const { source, push } = createSource<number>()
    const stream = holdStream({ ...asIs, source, fresh, onClose: fresh })[Symbol.asyncIterator]()
    push(1)
    push(2)
    expect([await stream.next(), await stream.next()]).toMatchObject([{ value: 1 }, { value: 2 }])
  })

  test('closes at once, and once, while its reader waits on a quiet source', async () => {
    const { source, state } = createSource<number>()
    const onClose = vi.fn<typeof fresh>(fresh)
    const held = holdStream({ ...asIs, source, fresh, onClose })
    const stream = held[Symbol.asyncIterator]()
    const waiting = stream.next()
    await Promise.all([stream.return?.(), held.end(null), held.end(new Error('late'))])
    expect(await waiting).toEqual({ done: true, value: undefined })
    expect([onClose.mock.calls.length, state.returned]).toEqual([1, 1])
  })

  test('closes though nobody has ever read of it', async () => {
    const { source, state } = createSource<number>()
    const onClose = vi.fn<typeof fresh>(fresh)
    await holdStream({ ...asIs, source, fresh, onClose }).end(null)
    expect([onClose.mock.calls.length, state.returned]).toEqual([1, 1])
  })

  // a generator that waits for something that never comes is such a source
  test('gives its place back and is said to be closed though its source never lets go', async () => {
    const never = new Promise<never>(() => undefined)
    const source = { [Symbol.asyncIterator]: () => ({ next: () => never, return: () => never }) }
    const onClose = vi.fn<typeof fresh>(fresh)
    const held = holdStream({ ...asIs, source, fresh, onClose })
    const waiting = held[Symbol.asyncIterator]().next()
    void held.end(null)
    expect(await waiting).toEqual({ done: true, value: undefined })
    expect(onClose).toHaveBeenCalledTimes(1)
  })

  test('tells its error once, to who waits or to who reads next, and is over then', async () => {
    const { source } = createSource<number>()
    const held = holdStream({ ...asIs, source, fresh, onClose: fresh })
    const stream = held[Symbol.asyncIterator]()
    const waiting = stream.next()
    void held.end(new Error('revoked'))
    await expect(waiting).rejects.toThrow('revoked')
    expect(await stream.next()).toEqual({ done: true, value: undefined })
  })

  test('gives nothing out that may not be seen any more', async () => {
    const { source, push } = createSource<number>()
    const held = holdStream({ ...asIs, source, fresh: () => Promise.reject(new Error('revoked')), onClose: fresh })
    push(1)
    await expect(held[Symbol.asyncIterator]().next()).rejects.toThrow('revoked')
  })

  test('that cannot make an item ends with what is told of that, once, and lets go', async () => {
    const { source, push, state } = createSource<number>()
    const failed: unknown[] = []
    const make = (item: number): number => {
      if (item === 2) throw new Error('not to be made')
      return -item
    }
    const told = (error: unknown) => (failed.push(error), new Error('told'))
    const stream = holdStream({ source, fresh, make, failed: told, onClose: fresh })[Symbol.asyncIterator]()
    push(1)
    push(2)
    push(3)
    expect(await stream.next()).toEqual({ done: false, value: -1 })
    await expect(stream.next()).rejects.toThrow('told')
    expect(await stream.next()).toEqual({ done: true, value: undefined })
    expect([failed, state.returned]).toEqual([[new Error('not to be made')], 1])
  })

  test('asks a quiet source once, however long it is quiet', async () => {
    const { source, state } = createSource<number>()
    const held = holdStream({ ...asIs, source, fresh, onClose: fresh })
    void held[Symbol.asyncIterator]().next()
    await sleep(50)
    expect(state.asked).toBe(1)
    await held.end(null)
  })
})

describe('checks', () => {
  afterEach(() => vi.useRealTimers())

  test('are one for all streams that share a key, and stop with the last of them', async () => {
    vi.useFakeTimers()
    const rechecks = createRechecks(1000)
    const check = vi.fn<typeof fresh>(fresh)
    const seats = Array.from({ length: 32 }, () => rechecks.join({ key: 's1', check, end: () => undefined }))
    await vi.advanceTimersByTimeAsync(3000)
    expect(check).toHaveBeenCalledTimes(3)
    for (const seat of seats) seat.leave()
    await vi.advanceTimersByTimeAsync(3000)
    expect(check).toHaveBeenCalledTimes(3)
    expect(vi.getTimerCount()).toBe(0)
  })

  test('that refuse end every stream of their key and no other', async () => {
    vi.useFakeTimers()
    const rechecks = createRechecks(1000)
    const ended: string[] = []
    const joined = (name: string, key: string, check: () => Promise<void>) =>
      rechecks.join({ key, check, end: () => void ended.push(name) })
    const revoked = () => Promise.reject(new Error('revoked'))
    joined('one', 's1', revoked)
    joined('two', 's1', revoked)
    joined('other', 's2', fresh)
    await vi.advanceTimersByTimeAsync(1000)
    expect(ended).toEqual(['one', 'two'])
  })
})

describe('places', () => {
  const person = (id: string, session: string): UserPrincipal =>
    ({ type: 'User', id, session: { id: session } }) as UserPrincipal
  const taken = (take: () => unknown, tries: number): number => {
    let count = 0
    for (let attempt = 0; attempt < tries; attempt += 1)
      try {
        take()
        count += 1
      } catch (error) {
        expect(error).toMatchObject({ code: 'rate-limited', details: { retryAfterSeconds: 5 } })
      }
    return count
  }

  test('are so many for a session, a person and an address, and no more', () => {
    const places = createStreamPlaces()
    let session = 0
    expect(taken(() => places.take(person('ada', 's1'), '192.0.2.1'), 300)).toBe(streamsMax.session)
    expect(taken(() => places.take(person('ada', `s${(session += 1)}`), '192.0.2.1'), 300)).toBe(
      streamsMax.person - streamsMax.session,
    )
    expect(taken(() => places.take(person(`p${(session += 1)}`, `x${session}`), '192.0.2.1'), 300)).toBe(
      streamsMax.address - streamsMax.person,
    )
    expect(taken(() => places.take(anonymous, '192.0.2.2'), 300)).toBe(streamsMax.session)
    let host = 0
    const ofOneSite = () => places.take(person(`p${host}`, `s${host}`), `2001:db8::${(host += 1).toString(16)}`)
    expect(taken(ofOneSite, 300), 'a site of IPv6 is one address').toBe(streamsMax.address)
  })

  test('come free when they are given back, once', () => {
    const places = createStreamPlaces()
    const giveBack = places.take(person('ada', 's1'), '192.0.2.1')
    giveBack()
    giveBack()
    expect(taken(() => places.take(person('ada', 's1'), '192.0.2.1'), 300)).toBe(streamsMax.session)
  })
})
