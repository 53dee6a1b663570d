import { describe, expect, it } from 'vitest'
import { isOverdue, mergeLive, settleUnseen, type Lease, type LeasePage } from './live-leases.ts'

const lease = (id: string, minute: number, over: Partial<Lease> = {}): Lease => ({
  id,
  backend: 'ssh-key',
  revocability: 'deletes',
  revokedWithinSeconds: 0,
  role: 'db-1',
  workspace: 'w',
  purpose: 'p',
  principal: 'u1',
  principalType: 'User',
  principalName: 'ada',
  state: 'active',
  attempts: 0,
  lastError: null,
  workflowUrl: null,
  hostId: null,
  reason: null,
  renewableUntil: null,
  wrappedUntil: null,
  endedAt: null,
  issuedAt: `2026-11-23T12:${String(minute).padStart(2, '0')}:00Z`,
  expiresAt: '2026-11-23T13:00:00Z',
  ...over,
})
const page = (items: readonly Lease[], over: Partial<LeasePage> = {}): LeasePage => ({
  items,
  nextCursor: null,
  filter: {},
  firstPage: true,
  ...over,
})
const live = (...leases: Lease[]): Map<string, Lease> => new Map(leases.map((one) => [one.id, one]))
const ids = (leases: readonly Lease[]): string[] => leases.map(({ id }) => id)

describe('a list of leases that is watched', () => {
  it('shows a known lease in its newest state', () => {
    const [shown] = mergeLive(page([lease('a', 1)]), live(lease('a', 1, { state: 'revoked' })))
    expect(shown?.state).toBe('revoked')
  })

  it('puts a new lease in front on the first page only', () => {
    expect(ids(mergeLive(page([lease('a', 1)]), live(lease('b', 2))))).toEqual(['b', 'a'])
    expect(ids(mergeLive(page([lease('a', 1)], { firstPage: false }), live(lease('b', 2))))).toEqual(['a'])
  })

  it('does not pull older leases up from later pages', () => {
    expect(ids(mergeLive(page([lease('b', 2)], { nextCursor: 'more' }), live(lease('a', 1))))).toEqual(['b'])
  })

  // A renamed host's leases keep the name that it had: they were asked for by the server, and stay.
  it('takes in new leases of the host that was asked for, and keeps what the server found for it', () => {
    const known = lease('a', 1, { role: 'deploy@db-old', hostId: 'h1' })
    const fresh = [lease('b', 2, { role: 'deploy@db-1', hostId: 'h1' }), lease('c', 3, { role: 'deploy@web-1' })]
    expect(ids(mergeLive(page([known], { filter: { host: 'db-1' } }), live(...fresh)))).toEqual(['b', 'a'])
  })

  it('lets a lease go that no longer matches the filter', () => {
    expect(
      mergeLive(page([lease('a', 1)], { filter: { state: 'active' } }), live(lease('a', 1, { state: 'expired' }))),
    ).toEqual([])
    expect(
      ids(
        mergeLive(
          page([lease('a', 1), lease('b', 2, { principal: 'u2', principalName: 'eve' })], {
            filter: { principal: 'ada' },
          }),
          live(),
        ),
      ),
    ).toEqual(['a'])
  })

  it('puts a new lease where the order of the list has it', () => {
    const eve = lease('e', 1, { principalName: 'Eve', expiresAt: '2026-11-23T14:00:00Z' })
    const zoe = lease('z', 2, { principalName: 'zoe', expiresAt: '2026-11-23T12:30:00Z' })
    const fresh = live(lease('m', 3, { principalName: 'mia' }))
    expect(ids(mergeLive(page([eve, zoe], { sort: 'name' }), fresh))).toEqual(['e', 'm', 'z'])
    expect(ids(mergeLive(page([zoe, eve], { sort: 'expiry' }), fresh))).toEqual(['z', 'm', 'e'])
    expect(ids(mergeLive(page([eve, zoe], { sort: 'oldest' }), fresh))).toEqual(['e', 'z', 'm'])
    expect(ids(mergeLive(page([eve, zoe], { sort: 'oldest', nextCursor: 'more' }), fresh))).toEqual(['e', 'z'])
  })

  it('lets in only what a search finds, in any case', () => {
    const found = mergeLive(
      page([], { filter: { search: 'ROLL' } }),
      live(lease('a', 1, { purpose: 'roll out' }), lease('b', 2)),
    )
    expect(ids(found)).toEqual(['a'])
  })

  it('is overdue only once the sweep had its time', () => {
    const end = Date.parse('2026-11-23T13:00:00Z')
    expect(isOverdue(lease('a', 1), end + 29_000)).toBe(false)
    expect(isOverdue(lease('a', 1), end + 31_000)).toBe(true)
    expect(isOverdue(lease('a', 1, { state: 'expired' }), end + 31_000)).toBe(false)
  })
})

describe('a watch that begins again after a sleep', () => {
  it('learns from one list how a hundred leases have ended, and lets go what no list names', () => {
    const held = Array.from({ length: 100 }, (_, index) => lease(`l${index}`, index % 60))
    const newest = held.slice(0, 60).map((one) => ({ ...one, state: 'expired' as const }))
    const settled = settleUnseen(live(...held, lease('alive', 1)), new Set(['alive']), newest)
    expect([...settled.values()].filter(({ state }) => state === 'expired')).toHaveLength(60)
    expect(settled.get('alive')?.state).toBe('active')
    expect(settled.size).toBe(61)
  })

  it('does not touch what had ended already', () => {
    const ended = lease('a', 1, { state: 'revoked' })
    expect(settleUnseen(live(ended), new Set(), []).get('a')).toBe(ended)
  })
})
