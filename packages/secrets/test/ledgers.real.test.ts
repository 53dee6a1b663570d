// Threats E2 and E3: a credential that lies at its backend and that nobody here knows of, or the other way round. Many
// are asked for and taken back at once, on two gateways, while a worker that takes them away is killed in the middle.
import { fork } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { Refusal, type Output } from '@gatehouse/contract'
import { startUpcloudStandIn, timeoutOf, volume } from '@gatehouse/testkit'
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import type { Provider } from '../src/secret-provider.ts'
import type { Work } from './ending-process.ts'
import { loginsIn, startNode, startTarget, worksAsLogin, type Material, type SecretsNode } from './secrets-system.ts'
import { tokenOpens } from './upcloud-system.ts'

/** So many leases are asked for. */
const many = volume({ full: 1000, sample: 50 })
/** One in so many is kept to the end. */
const keptOneIn = 10
/** A worker is killed when it begins to take away the credential of this number. */
const killedAt = volume({ full: 50, sample: 3 })
/** Longer than a claim: what the killed worker had claimed is another's. */
const claimOverSeconds = 61

/** What a backend itself says lies there; names end in the ids of leases. */
interface Ledger {
  readonly configured: Parameters<typeof configure>[1]
  names(): Promise<readonly string[]>
  works(material: Material): Promise<boolean>
  drop(): Promise<void>
}

async function postgresLedger(): Promise<Ledger> {
  const target = await startTarget()
  return {
    configured: { backend: { postgres: { url: target.url } }, role: { postgres: { grants: [target.grant] } } },
    names: () => loginsIn(target),
    works: worksAsLogin,
    drop: target.drop,
  }
}

async function upcloudLedger(): Promise<Ledger> {
  const standIn = await startUpcloudStandIn()
  const { username, password, port, server } = standIn
  return {
    configured: {
      backend: { upcloud: { username, password, endpoint: `http://127.0.0.1:${port}` } },
      role: { upcloud: { permissions: [{ targetType: 'server', target: server }] } },
    },
    names: () => Promise.resolve(standIn.subs().toSorted()),
    works: (material) => tokenOpens(standIn, material),
    drop: () => Promise.resolve(standIn.close()),
  }
}

async function configure(
  { calls }: SecretsNode,
  { backend, role }: { readonly backend: object; readonly role: object },
): Promise<void> {
  await calls.call('secretBackend.configure', { name: 'shop', ...backend })
  for (const name of ['passing', 'kept'])
    await calls.call('secretRole.create', { name, backend: 'shop', ttlSecondsMax: 7200, ...role })
}

const purpose = 'a test'
const reason = 'done'
type Issued = Output<'lease.issue'>

/**
 * Null where it was ended in the making, or where a machine that is busy with a storm could not say so in time: nobody
 * else may be refused here.
 */
const unlessEnded = async <T>(work: Promise<T>): Promise<T | null> => {
  try {
    return await work
  } catch (error) {
    if (error instanceof Refusal && ['lease-ended', 'unavailable'].includes(error.code)) return null
    throw error
  }
}

/** A worker of its own, killed in the middle of its work. */
async function killAtWork(work: Work): Promise<void> {
  const worker = fork(new URL('./ending-process.ts', import.meta.url), { execArgv: [] })
  const ended = once(worker, 'exit')
  let begun = 0
  worker.on('message', () => {
    begun += 1
    if (begun === killedAt) worker.kill('SIGKILL')
  })
  worker.send(work)
  expect(await ended).toEqual([null, 'SIGKILL'])
}

/** Asks for all, and takes half of them back at once by the other gateway. */
function storm(gateways: readonly [SecretsNode, SecretsNode]): Promise<(Issued | null)[]> {
  return Promise.all(
    Array.from({ length: many }, async (_, index) => {
      const [here, there] = index % 2 === 0 ? gateways : [gateways[1], gateways[0]]
      const role = index % keptOneIn === 0 ? 'kept' : 'passing'
      const issued = await unlessEnded(here.calls.call('lease.issue', { role, purpose }))
      if (issued !== null && role === 'passing' && index % 4 < 2)
        await unlessEnded(there.calls.call('lease.revoke', { id: issued.lease.id, reason }))
      return issued
    }),
  )
}

/** Has workers end all that passes, whatever comes of it, until told not to. */
function keepEnding({ calls }: SecretsNode): { stop(): Promise<unknown> } {
  let over = false
  const ending = (async () => {
    for (; !over; await sleep(300)) await unlessEnded(calls.call('lease.revokeMany', { role: 'passing', reason }))
  })()
  return {
    stop: () => {
      over = true
      return ending
    },
  }
}

/** Our own ledger: what has not ended. */
const living = async ({ process: { db } }: SecretsNode): Promise<{ role: string; state: string; id: string }[]> => {
  const { rows } = await sql<{ role: string; state: string; id: string }>`select role, state, id from lease
    where state in ('pending', 'active', 'irrevocable') order by id`.execute(db)
  return rows
}

test.each<[Provider['kind'], () => Promise<Ledger>]>([
  ['postgres', postgresLedger],
  ['upcloud', upcloudLedger],
])(
  'what lies at a backend of kind %s is what we say lies there, after a storm on two gateways and a killed worker',
  async (kind, open) => {
    const ledger = await open()
    const first = await startNode()
    const second = await startNode(first.process.node)
    await configure(first, ledger.configured)
    const { node } = first.process
    const doomed = killAtWork({ node, kind })
    const ending = keepEnding(first)
    const issued = await storm([first, second])
    // whatever the storm has left it, there is enough that it can be killed at
    for (let left = killedAt; left > 0; left -= 1)
      await unlessEnded(second.calls.call('lease.issue', { role: 'passing', purpose }))
    await doomed
    await ending.stop()
    await first.calls.call('lease.revokeMany', { role: 'passing', reason })
    second.process.advance(claimOverSeconds)
    const passing = async () => {
      await second.calls.internal('lease.expire', { backend: kind }, randomUUID())
      return (await living(first)).filter(({ role, state }) => role !== 'kept' || state !== 'active')
    }
    await expect.poll(passing, { timeout: timeoutOf(120_000), interval: 200 }).toEqual([])
    const kept = issued.flatMap((one) => (one?.lease.role === 'kept' ? [one] : []))
    const ours = (await living(first)).map(({ id }) => id)
    expect(ours).toEqual(expect.arrayContaining(kept.map(({ lease }) => lease.id)))
    expect((await ledger.names()).map(leaseIn).toSorted()).toEqual(ours.map((id) => id.replaceAll('-', '')))
    for (const { material } of kept.slice(0, 3)) expect(await ledger.works(material)).toBe(true)
    await second.close()
    await first.close()
    await ledger.drop()
  },
  timeoutOf(240_000),
)

/** The lease that a name ends in. */
const leaseIn = (name: string): string => name.slice(-32)
