// Ends that come soon: each is told of once, and a flood of them does not cover up everything else.
import { randomUUID } from 'node:crypto'
import { volume } from '@gatehouse/testkit'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { aloneInHourMax } from '../src/warn-of-ends.ts'
import { olga, startNode, type SecretsNode } from './secrets-system.ts'

let node: SecretsNode
beforeAll(async () => {
  node = await startNode()
})
afterEach(async () => {
  node.tellAhead(15)
  await node.process.db.deleteFrom('lease_end_notice').execute()
  await node.process.db.deleteFrom('lease').execute()
})
afterAll(() => node.close())

const minute = 60_000
interface Seed {
  /** Minutes from now. */
  readonly ends: number
  readonly lives?: number
  readonly state?: 'active' | 'pending' | 'irrevocable' | 'revoked'
  readonly wanted?: boolean
}
const rowOf = ({ ends, lives = 60, state = 'active', wanted = false }: Seed) => {
  const now = node.process.clock.now()
  const expires = new Date(now.getTime() + ends * minute)
  return {
    id: node.process.random.id(),
    backend: 'postgres' as const,
    role: 'shop-read',
    host_id: null,
    workspace_id: 'default',
    purpose: 'a test',
    principal_type: 'User' as const,
    principal_id: olga.id,
    principal_name: olga.username,
    session_id: null,
    state,
    issued_at: new Date(expires.getTime() - lives * minute),
    expires_at: expires,
    due_at: state === 'revoked' ? null : expires,
    revoke_requested_at: wanted ? now : null,
    ended_at: state === 'revoked' ? now : null,
    reason: null,
    last_error: null,
  }
}
async function add(...seeds: readonly Seed[]): Promise<string[]> {
  const rows = seeds.map(rowOf)
  for (let from = 0; from < rows.length; from += 2000)
    await node.process.db
      .insertInto('lease')
      .values(rows.slice(from, from + 2000))
      .execute()
  return rows.map(({ id }) => id)
}
const warn = (by: SecretsNode = node) => by.calls.internal('lease.warn', {}, randomUUID())
/** What the audit log has got since the last look, by what it is about; alerts follow from these entries. */
let seen = new Set<string>()
async function told(): Promise<{ leases: string[]; many: unknown[]; calls: number }> {
  const rows = await node.process.db
    .selectFrom('audit_entry')
    .select(['id', 'action', 'resource_id', 'entry'])
    .where('action', 'like', 'lease.%')
    .orderBy('id')
    .execute()
  const fresh = rows.filter(({ id }) => !seen.has(id))
  seen = new Set(rows.map(({ id }) => id))
  const many = fresh.filter(({ action }) => action === 'lease.manyEndSoon')
  return {
    leases: fresh.filter(({ action }) => action === 'lease.endsSoon').map(({ resource_id: id }) => id),
    many: many.map(({ entry }) => (JSON.parse(entry) as { detail: unknown }).detail),
    calls: fresh.filter(({ action }) => action === 'lease.warn').length,
  }
}

test('a lease is told of once, ahead of its end; a minute with nothing to tell leaves no entry', async () => {
  const [soon, later] = await add({ ends: 10 }, { ends: 20 })
  expect(await warn()).toEqual({ ending: 1, told: 1 })
  expect(await told()).toEqual({ leases: [soon], many: [], calls: 0 })
  expect(await warn()).toEqual({ ending: 0, told: 0 })
  expect(await told()).toEqual({ leases: [], many: [], calls: 0 })
  node.tellAhead(25)
  await warn()
  expect((await told()).leases).toEqual([later])
})

test('two workers that look at once tell of each lease once', async () => {
  const other = await startNode(node.process.node)
  const ids = await add(...Array.from({ length: 15 }, () => ({ ends: 12 })))
  await Promise.all([warn(), warn(other), warn(), warn(other)])
  await other.close()
  expect((await told()).leases.toSorted()).toEqual(ids.toSorted())
})

test('nobody is told of what ends anyway, was told to live shortly, or does not live', async () => {
  await add(
    { ends: -1 },
    { ends: 16 },
    { ends: 10, lives: 29 },
    { ends: 10, wanted: true },
    { ends: 10, state: 'pending' },
    { ends: 10, state: 'irrevocable' },
    { ends: 10, state: 'revoked' },
  )
  expect(await warn()).toEqual({ ending: 0, told: 0 })
  expect(await told()).toEqual({ leases: [], many: [], calls: 0 })
})

test('many are told of by one alert beyond the first twenty of an hour, which are those that end first', async () => {
  const ids = await add(...Array.from({ length: 50 }, (_, at) => ({ ends: 14 - at / 10 })))
  expect(await warn()).toEqual({ ending: 50, told: aloneInHourMax })
  const first = await told()
  expect(first.leases.toSorted()).toEqual(ids.slice(-aloneInHourMax).toSorted())
  expect(first.many).toEqual([{ leases: 30, withinMinutes: 15 }])
  const [another] = await add({ ends: 5 })
  expect(await warn()).toEqual({ ending: 1, told: 0 })
  expect(await told()).toMatchObject({ leases: [], many: [{ leases: 1, withinMinutes: 15 }] })
  node.process.advance(3700)
  const [hourLater] = await add({ ends: 5 })
  expect(await warn()).toEqual({ ending: 1, told: 1 })
  expect((await told()).leases).toEqual([hourLater])
  expect(another).not.toBe(hourLater)
})

test('a flood of them is told of in a few rounds, and fills neither log nor channels', async () => {
  const count = volume({ full: 100_000, sample: 1500 })
  await add(...Array.from({ length: count }, () => ({ ends: 12 })))
  let ending = 0
  for (let round = 0; round < Math.ceil(count / 25_000); round++) ending += (await warn()).ending
  expect(ending).toBe(count)
  const { leases, many } = await told()
  expect([leases.length, many.length]).toEqual([aloneInHourMax, Math.ceil(count / 25_000)])
  expect((await warn()).ending).toBe(0)
})
