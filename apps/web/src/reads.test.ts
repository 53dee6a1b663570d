import { QueryObserver } from '@tanstack/solid-query'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createReads, mayShow, type Reads } from './reads.ts'

interface Sent {
  readonly query: string
  readonly activity: string | null
}

let sent: Sent[] = []
let answer: () => unknown = () => ({})
const realFetch = globalThis.fetch

/** A server that answers whatever it is asked, and remembers it. */
const server: typeof fetch = (_path, init) => {
  const headers = new Headers(init?.headers)
  const { query } = JSON.parse(String(init?.body)) as { query: string } // our own api.ts sent it
  sent.push({ query, activity: headers.get('gatehouse-activity') })
  return Promise.resolve(Response.json(answer()))
}

const page = { edges: [], pageInfo: { hasNextPage: false, endCursor: null } }
const forbidden = { errors: [{ message: 'no', extensions: { code: 'forbidden', policies: ['viewer-read-only'] } }] }

beforeEach(() => {
  sent = []
  answer = () => ({ data: { userList: page } })
  globalThis.fetch = server
})
afterEach(() => {
  globalThis.fetch = realFetch
})

const watch = (reads: Reads): (() => void) =>
  new QueryObserver(reads.client, reads.optionsOf('user.list', { first: 50 })).subscribe(() => undefined)
const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 20))

describe('what the page asks', () => {
  it('is asked once, however many parts of a screen want it', async () => {
    const reads = createReads()
    const stops = [watch(reads), watch(reads), watch(reads)]
    await settled()
    stops.push(watch(reads))
    await settled()
    expect(sent).toHaveLength(1)
    for (const stop of stops) stop()
  })

  it('is marked as background when the page asks by itself, and only then', async () => {
    const reads = createReads()
    const stop = watch(reads)
    await settled()
    await reads.askByPage(['user.list', { first: 50 }])
    expect(sent.map(({ activity }) => activity)).toEqual([null, 'background'])
    stop()
  })

  it('is not tried again by the page once it was forbidden', async () => {
    answer = () => forbidden
    const reads = createReads()
    const stop = watch(reads)
    await settled()
    await reads.askByPage(['user.list', { first: 50 }])
    expect(sent).toHaveLength(1)
    stop()
  })

  it('is asked again by itself where the server was too busy, and not for ever', async () => {
    vi.useFakeTimers()
    answer = () => ({ errors: [{ message: 'busy', extensions: { code: 'unavailable' } }] })
    const reads = createReads()
    const stop = watch(reads)
    await vi.advanceTimersByTimeAsync(60_000)
    vi.useRealTimers()
    expect(sent).toHaveLength(3)
    expect(reads.client.getQueryState(['user.list', { first: 50 }])?.error).toMatchObject({ code: 'unavailable' })
    stop()
  })

  it('is asked again once a heavy question of theirs may be over, and not where that takes longer', async () => {
    vi.useFakeTimers()
    const refused = (retryAfterSeconds: number) => () => ({
      errors: [{ message: 'busy', extensions: { code: 'rate-limited', retryAfterSeconds } }],
    })
    answer = refused(5)
    const reads = createReads()
    const stop = watch(reads)
    await vi.advanceTimersByTimeAsync(4_900)
    expect(sent).toHaveLength(1)
    answer = () => ({ data: { userList: page } })
    await vi.advanceTimersByTimeAsync(200)
    expect([sent.length, reads.client.getQueryState(['user.list', { first: 50 }])?.status]).toEqual([2, 'success'])
    stop()
    answer = refused(40)
    const other = createReads()
    const stopOther = watch(other)
    await vi.advanceTimersByTimeAsync(60_000)
    vi.useRealTimers()
    expect(sent).toHaveLength(3)
    stopOther()
  })

  it('is asked again once after a change that it may show, and not after another', async () => {
    const reads = createReads()
    const stop = watch(reads)
    await settled()
    reads.changed('approval.deny')
    await settled()
    expect(sent).toHaveLength(1)
    reads.changed('user.disable')
    await settled()
    expect(sent).toHaveLength(2)
    stop()
  })

  it('is forgotten with the person', async () => {
    const reads = createReads()
    const stop = watch(reads)
    await settled()
    reads.forget()
    expect(reads.client.getQueryData(['user.list', { first: 50 }])).toBeUndefined()
    stop()
  })
})

it.each([
  ['user.list', 'user.create', true],
  ['user.list', 'role.assign', true],
  ['user.get', 'user.update', false],
  ['sshKey.list', 'lease.revoke', true],
  ['settings.get', 'user.create', false],
  ['mfa.status', 'totp.confirm', true],
])('whether %s may show %s is %s', (read, change, expected) => {
  expect(mayShow(read, change)).toBe(expected)
})
