// Leases that are ended together, by force, and those that somebody has to look at.
import { randomUUID } from 'node:crypto'
import { volume } from '@gatehouse/testkit'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { Raw } from '@gatehouse/contract'
import type { BackendName } from '../src/index.ts'
import { BackendError } from '../src/backends/backend-error.ts'
import { leaseEraser } from '../src/lease-eraser.ts'
import { leaseViewsMax } from '../src/saved-lease-view.queries.ts'
import {
  approvedRequest,
  box,
  loginsIn,
  olga,
  oscar,
  startNode,
  startTarget,
  withoutLeases,
  withRole,
  type SecretsNode,
  type TargetServer,
} from './secrets-system.ts'

let node: SecretsNode
let target: TargetServer
/** The server does not answer while this is set. */
let away = false
beforeAll(async () => {
  node = await startNode(undefined, {
    around: (provider) => ({
      ...provider,
      revoke: (...args) =>
        away ? Promise.reject(new BackendError('unreachable', 'nobody answers there')) : provider.revoke(...args),
    }),
  })
  target = await startTarget()
  await node.process.db.insertInto('workspace').values({ id: 'shop', name: 'shop', archived_at: null }).execute()
  const place = { address: '127.0.0.1', port: 22, user_name: 'deploy', access: 'ca' as const }
  await node.process.db
    .insertInto('ssh_host')
    .values({
      ...box,
      ...place,
      workspace_id: 'default',
      principals: ['deploy'],
      source_addresses: ['127.0.0.1'],
      host_key: 'none',
    })
    .execute()
})
afterEach(async () => {
  away = false
  node.process.decideBy(() => ({ effect: 'allow', policies: ['all'], version: 'test' }))
  await withoutLeases(node.process)
})
afterAll(async () => {
  await node.close()
  await target.drop()
})

interface Seed {
  readonly backend?: BackendName
  readonly role?: string
  readonly principal?: string
  readonly workspace?: string
  readonly host?: string
  readonly session?: string
  readonly state?: 'pending' | 'active' | 'irrevocable' | 'revoked'
  readonly endsInSeconds?: number
  readonly attempts?: number
  readonly reason?: string
}

/** A lease as it stands, by its id; no credential of it lies anywhere. */
const rowOf = (seed: Seed) => {
  const now = node.process.clock.now()
  const ends = new Date(now.getTime() + (seed.endsInSeconds ?? 7200) * 1000)
  return {
    id: node.process.random.id(),
    backend: seed.backend ?? 'ssh-key',
    role: seed.role ?? 'deploy@db-1',
    host_id: seed.host ?? null,
    workspace_id: seed.workspace ?? 'default',
    purpose: 'a test',
    principal_type: 'User' as const,
    principal_id: seed.principal === 'olga' ? olga.id : `id-of-${seed.principal ?? 'ada'}`,
    principal_name: seed.principal ?? 'ada',
    session_id: seed.session ?? null,
    state: seed.state ?? 'active',
    issued_at: now,
    expires_at: ends,
    due_at: seed.state === 'revoked' ? null : ends,
    revoke_requested_at: null,
    ended_at: seed.state === 'revoked' ? now : null,
    reason: seed.reason ?? null,
    attempts: seed.attempts ?? 0,
    last_error: seed.state === 'irrevocable' ? 'nobody answers' : null,
  }
}
async function add(...seeds: readonly Seed[]): Promise<string[]> {
  const rows = seeds.map(rowOf)
  for (let from = 0; from < rows.length; from += 1000)
    await node.process.db
      .insertInto('lease')
      .values(rows.slice(from, from + 1000))
      .execute()
  return rows.map(({ id }) => id)
}

const revokeMany = (input: Omit<Raw<'lease.revokeMany'>, 'reason'>) =>
  node.calls.call('lease.revokeMany', { ...input, reason: 'found in a bin' })
const sweep = (backend: BackendName) => node.calls.internal('lease.expire', { backend }, node.process.random.id())
/** Which of these are ended, or are to be. */
const ending = async (ids: readonly string[]): Promise<number[]> => {
  const rows = await node.process.db
    .selectFrom('lease')
    .select('id')
    .where('id', 'in', ids)
    .where('revoke_requested_at', 'is not', null)
    .execute()
  return ids.flatMap((id, index) => (rows.some((row) => row.id === id) ? [index] : []))
}

describe('leases are revoked together', () => {
  const { id: approval, session } = approvedRequest
  const seeds: readonly Seed[] = [
    {},
    { principal: 'eve' },
    { backend: 'ssh-certificate' },
    { role: 'shop-read' },
    { role: 'shop-write', workspace: 'shop' },
    { host: box.id },
    { session },
    { state: 'pending' },
    { state: 'irrevocable', principal: 'eve' },
    { state: 'revoked', principal: 'eve' },
  ]
  test.each<readonly [string, Omit<Raw<'lease.revokeMany'>, 'reason'>, readonly number[]]>([
    ['of a person', { principal: 'eve' }, [1, 8]],
    ['of a person by id', { principal: 'id-of-eve' }, []],
    ['of a kind of backend', { backend: 'ssh-certificate' }, [2]],
    ['of a role', { role: 'shop-read' }, [3]],
    ['of a host', { host: 'box' }, [5]],
    ['of a host, which is not there', { host: 'nowhere' }, []],
    ['of a workspace', { workspace: 'shop' }, [4]],
    ['of a session', { session }, [6]],
    ['of a session whose id is none', { session: 'abc' }, []],
    ['of an approval, which opened a session', { approval }, [6]],
    ['of an approval and another session', { approval, session: randomUUID() }, []],
    ['of an approval in another workspace', { approval, workspace: 'shop' }, []],
    ['of an approval that opened nothing', { approval: randomUUID() }, []],
    ['of an approval whose id is none', { approval: 'INC-7' }, []],
    ['that begin alike', { prefix: 'shop-' }, [3, 4]],
    ['that begin alike, in one workspace', { prefix: 'shop-', workspace: 'default' }, [3]],
    ['of nobody', { principal: 'nobody-is-called-so' }, []],
    ['beginning with what would be a pattern', { prefix: '%' }, []],
  ])('%s', async (_, filters, expected) => {
    const ids = await add(...seeds)
    expect((await revokeMany(filters)).revoked).toBe(expected.length)
    expect(await ending(ids)).toEqual(expected)
    expect((await revokeMany(filters)).revoked).toBe(0) // what is being ended is not counted again
  })

  // Whoever looks first must be shown the very leases that then end, and end none by looking.
  test('after a look that names them and ends none', async () => {
    const ids = await add(
      { endsInSeconds: 900 },
      { principal: 'eve' },
      { backend: 'ssh-certificate', endsInSeconds: 60 },
    )
    const looked = await revokeMany({ principal: 'ada', dryRun: true })
    expect(looked).toMatchObject({ matching: 2, revoked: 0, ending: 0 })
    expect(looked.leases.map(({ id }) => id)).toEqual([ids[2], ids[0]])
    expect(await ending(ids)).toEqual([])
    const ended = await revokeMany({ principal: 'ada' })
    expect(ended).toMatchObject({ matching: 2, revoked: 2, ending: 1 })
    expect(ended.leases.map(({ id, state, reason }) => [id, state, reason])).toEqual([
      [ids[2], 'revoked', 'found in a bin'],
      [ids[0], 'active', 'found in a bin'],
    ])
    expect(await node.calls.call('lease.revokeMany', { host: 'nowhere', reason: 'x', dryRun: true })).toMatchObject({
      matching: 0,
      leases: [],
    })
  })

  test('in the workspaces where the caller may, and their own elsewhere', async () => {
    node.process.decideBy(({ resource, context }) => ({
      effect: resource.id === 'shop' || context['ownOnly'] === true ? 'allow' : 'deny',
      policies: [],
      version: 'test',
    }))
    const ids = await add({ workspace: 'shop' }, {}, { principal: 'olga' })
    expect((await revokeMany({ prefix: 'deploy', dryRun: true })).matching).toBe(2)
    expect((await revokeMany({ prefix: 'deploy' })).revoked).toBe(2)
    expect(await ending(ids)).toEqual([0, 2])
  })

  test('never all of them because nothing was said', async () => {
    const ids = await add({})
    for (const dryRun of [false, true])
      expect((await node.calls.refusal('lease.revokeMany', { reason: 'all', dryRun })).details.fields).toMatchObject([
        { path: 'principal' },
      ])
    expect(await ending(ids)).toEqual([])
  })

  test('of a configured backend, by its name, its role and its kind, and are gone from the server', async () => {
    await withRole(node, target, { name: 'one' })
    await withRole(node, target, { name: 'two' })
    const issue = (role: string) => node.calls.call('lease.issue', { role, purpose: 'a test' })
    for (const filters of [{ backend: 'one-db' }, { role: 'one' }, { backend: 'postgres', role: 'one' }]) {
      const [{ lease: own }, { lease: other }] = [await issue('one'), await issue('two')]
      expect(await revokeMany(filters)).toMatchObject({ matching: 1, revoked: 1, ending: 1 })
      expect(await sweep('postgres')).toMatchObject({ ended: 1, failed: [] })
      expect(await node.calls.call('lease.get', { id: own.id })).toMatchObject({
        state: 'revoked',
        reason: 'found in a bin',
      })
      expect(await node.calls.call('lease.get', { id: other.id })).toMatchObject({ state: 'active' })
      await node.calls.call('lease.revoke', { id: other.id, reason: 'done' })
      expect(await loginsIn(target)).toEqual([])
    }
  })

  test('many of them by one statement; what a list of ours ends is ended with it, the rest by sweeps', async () => {
    const count = volume({ full: 20_000, sample: 1500 })
    await add(...Array.from({ length: count }, () => ({ backend: 'ssh-certificate' as const })), {})
    const { revoked, ending: left } = await revokeMany({ principal: 'ada' })
    expect([revoked, left]).toEqual([count + 1, count - 999])
    expect(await node.calls.call('lease.stats', {})).toMatchObject({ active: 0, ending: left, revoked: 1000 })
    for (let more = left; more > 0;) {
      const { ended } = await sweep('ssh-certificate')
      more = ended === 0 ? 0 : more - ended
    }
    await sweep('ssh-key')
    expect(await node.calls.call('lease.stats', {})).toMatchObject({ ending: 0, revoked: count + 1 })
  })

  test.each<Seed>([{}, { attempts: 3 }, { reason: 'before' }, { state: 'pending' }])(
    'each exactly as one of them is: %j',
    async (seed) => {
      const [one, another] = await add(seed, { ...seed, principal: 'eve' })
      const { db } = node.process
      await db.transaction().execute((tx) => node.leases.queueEnd(tx, { id: one ?? '', reason: 'found in a bin' }))
      await revokeMany({ principal: 'eve' })
      const standing = async (id: string | undefined) => {
        const row = await db
          .selectFrom('lease')
          .selectAll()
          .where('id', '=', id ?? '')
          .executeTakeFirstOrThrow()
        const { state, reason, attempts, due_at: due, revoke_requested_at: asked, expires_at: ends } = row
        return {
          state,
          reason,
          attempts,
          dueWhenAsked: due?.getTime() === asked?.getTime(),
          dueAtEnd: due?.getTime() === ends.getTime(),
        }
      }
      expect(await standing(another)).toEqual(await standing(one))
    },
  )
})

describe('a lease is revoked by force', () => {
  test('when its server is gone: it says what may still work, and that goes when the server is back', async () => {
    await withRole(node, target, { name: 'forced' })
    const { lease } = await node.calls.call('lease.issue', { role: 'forced', purpose: 'a test' })
    away = true
    const forced = await node.calls.call('lease.forceRevoke', { id: lease.id, reason: 'the server burned' })
    expect(forced).toMatchObject({
      lease: { state: 'revoked', reason: 'the server burned' },
      mayWorkUntil: lease.expiresAt,
      problem: expect.stringContaining('nobody answers') as string,
    })
    expect(await loginsIn(target)).toHaveLength(1)
    await node.calls.internal('lease.prove', {}, node.process.random.id())
    expect(await node.calls.call('lease.proof', { id: lease.id })).toMatchObject({ state: 'waiting', attempts: 1 })
    expect(await node.calls.record()).toContain('lease.forced allowed')
    expect((await node.calls.refusal('lease.forceRevoke', { id: lease.id, reason: 'again' })).code).toBe('lease-ended')
    away = false
    await node.calls.internal('secretBackend.reconcile', {}, node.process.random.id())
    expect(await loginsIn(target)).toEqual([])
    node.process.advance(86_400)
    await node.calls.internal('lease.prove', {}, node.process.random.id())
    expect(await node.calls.call('lease.proof', { id: lease.id })).toMatchObject({ state: 'refused' })
  })

  test('and is revoked as any other when its server answers', async () => {
    await withRole(node, target, { name: 'answers' })
    const { lease } = await node.calls.call('lease.issue', { role: 'answers', purpose: 'a test' })
    expect(await node.calls.call('lease.forceRevoke', { id: lease.id, reason: 'now' })).toMatchObject({
      lease: { state: 'revoked' },
      mayWorkUntil: null,
      problem: null,
    })
    expect([await loginsIn(target), (await node.calls.record()).includes('lease.revoked allowed')]).toEqual([[], true])
  })
})

describe('somebody sees', () => {
  test('which leases are irrevocable, and why', async () => {
    const [, id] = await add({}, { state: 'irrevocable' }, { state: 'irrevocable', workspace: 'shop' })
    const { items } = await node.calls.call('lease.irrevocable', { workspace: 'default' })
    expect(items.map((lease) => [lease.id, lease.lastError])).toEqual([[id, 'nobody answers']])
    expect((await node.calls.call('lease.irrevocable', {})).items).toHaveLength(2)
  })

  test('which end soon, the next one first, page by page', async () => {
    const ids = await add(...[300, 100, 200, 7200].map((endsInSeconds) => ({ endsInSeconds })), { endsInSeconds: -5 })
    const page = await node.calls.call('lease.expiring', { first: 2 })
    expect(page.items.map(({ id }) => id)).toEqual([ids[1], ids[2]])
    const rest = await node.calls.call('lease.expiring', { first: 2, after: page.nextCursor ?? '' })
    expect([rest.items.map(({ id }) => id), rest.nextCursor]).toEqual([[ids[0]], null])
    const within = await node.calls.call('lease.expiring', { withinSeconds: 150, principal: 'ada' })
    expect(within.items.map(({ id }) => id)).toEqual([ids[1]])
  })

  test('how many there are, by what they are doing', async () => {
    await add({}, { endsInSeconds: 60 }, { state: 'pending' }, { state: 'irrevocable' }, { state: 'revoked' })
    await add({ backend: 'postgres', endsInSeconds: -60 })
    expect(await node.calls.call('lease.stats', { workspace: 'default' })).toEqual({
      active: 3,
      expiring: 1,
      pending: 1,
      ending: 0,
      overdue: 1,
      irrevocable: 1,
      issued: 6,
      revoked: 1,
      expired: 0,
      backends: [
        { backend: 'postgres', active: 1, revocability: 'deletes', revokedWithinSeconds: 0 },
        { backend: 'ssh-key', active: 2, revocability: 'deletes', revokedWithinSeconds: 0 },
      ],
    })
    expect((await node.calls.call('lease.stats', { workspace: 'shop' })).active).toBe(0)
  })
})

describe('a saved view of leases', () => {
  const save = (name: string, more: Partial<Raw<'leaseView.save'>> = {}) =>
    node.calls.call('leaseView.save', { name, ...more })
  const names = async () => (await node.calls.call('leaseView.list', {})).items.map(({ name }) => name)
  afterEach(async () => {
    node.calls.as(olga)
    await node.process.db.deleteFrom('lease_view').execute()
  })

  test('is its owner’s alone, keeps what the list is asked, and takes the place of one of the same name', async () => {
    await save('mine', { principal: 'olga' })
    const kept = await save('mine', { state: 'active', sort: 'expiry' })
    expect(JSON.parse(kept.filters)).toEqual({ state: 'active', sort: 'expiry' })
    expect((await node.calls.call('leaseView.list', {})).items).toEqual([kept])
    node.calls.as(oscar)
    expect(await names()).toEqual([])
    expect(await node.calls.refusal('leaseView.remove', { id: kept.id })).toMatchObject({ code: 'not-found' })
    node.calls.as(olga)
    expect(await node.calls.call('leaseView.remove', { id: 'mine' })).toEqual({ id: kept.id })
    expect(await names()).toEqual([])
  })

  test('is one of a hundred at most', async () => {
    const row = { owner_id: olga.id, filters: '{}', created_at: new Date() }
    const rows = Array.from({ length: leaseViewsMax }, (_, at) => ({ ...row, id: randomUUID(), name: `view ${at}` }))
    await node.process.db.insertInto('lease_view').values(rows).execute()
    expect(await node.calls.refusal('leaseView.save', { name: 'one more' })).toMatchObject({ code: 'conflict' })
    await save('view 7', { state: 'active' })
    expect(await names()).toHaveLength(50)
  })

  // What is saved about somebody stays when they are erased, unless it is looked for.
  test('goes with its owner, and with whoever it names', async () => {
    const { erase, forgetNames } = leaseEraser(node.leases)
    await save('what ada has', { principal: 'ada' })
    await save('all')
    await node.process.db.transaction().execute((tx) => forgetNames(tx, ['ada']))
    expect(await names()).toEqual(['all'])
    const person = { id: olga.id, username: 'olga', reason: 'left' }
    await node.process.db.transaction().execute((tx) => erase(tx, person as Parameters<typeof erase>[1]))
    expect(await names()).toEqual([])
  })
})
