// The operations on keys as handlers answer them, under backends that a test can take away.
import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { RowClock } from '@gatehouse/enforcement'
import { openStore, type Transaction } from '@gatehouse/database'
import { createSecondPerson, directory, identityDomain } from '@gatehouse/identity'
import { ageKek, createPrivateFile, KekError, keysDomain, type KeyEncryptionKey } from '@gatehouse/keys'
import { personOf, startDomain, type DomainCalls, type DomainProcess } from '@gatehouse/testkit/domain-system'
import { generateX25519Identity } from 'age-encryption'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect } from 'vitest'

export let h: DomainProcess & DomainCalls
export let clockOfKeys: RowClock
/** Which workflows were told of a change. */
export const told: string[] = []
export type Somebody = ReturnType<typeof personOf>
const ada = personOf('ada')

let home: string
/** Whether the backend of `[kms]` is away. */
let isAway = false

/** Begins a domain of keys for a file of tests, with one person and two workspaces. */
export function withKeys(): void {
  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), 'gatehouse-keys-'))
    await startKeys()
    await addPerson(ada)
    await sql`insert into workspace (id, name, environment, created_at) values
      ('default', 'default', 'development', now()), ('shop', 'shop', 'development', now())`.execute(h.db)
  })
  afterAll(async () => {
    await h.close()
    await rm(home, { recursive: true, force: true })
  })
}

async function startKeys(): Promise<void> {
  const started = await startDomain({ ...keysDomain.slices, Workspace: identityDomain.slices.Workspace })
  const { db, clock, random, change } = started
  const [own, west, north] = [await newKek('kek.age'), await newKek('west'), await newKek('north')]
  const keks = [orAway(own)]
  const regions = {
    keks: new Map([
      ['west', west],
      ['north', north],
    ]),
    nearest: null,
  }
  const kekPlaces = [{ section: 'kms', kind: 'age', uri: own.uri }] as const
  const needs = { db, clock, random, change, directory, keks, regions, kekPlaces }
  const domain = await keysDomain.open({ ...needs, temporalWeb: null })
  const workflows = {
    follow: (kind: string, id: string) => {
      told.push(`${kind}/${id}`)
      return Promise.resolve()
    },
  }
  // made by who keeps sessions, and tried with them (apps/gateway/test/vault-clients.real.test.ts)
  const transitTokens = { make: () => Promise.reject(new TypeError('nobody asks for one here')) }
  const ports = { workflows, transitTokens, secondPerson: createSecondPerson(started) }
  const calls = started.serve(domain.handlers(ports))
  calls.as(ada)
  h = { ...started, ...calls }
  const [clockOfDomain] = domain.clocks()
  if (clockOfDomain === undefined) throw new TypeError('keys have a clock')
  clockOfKeys = clockOfDomain
}

async function newKek(name: string): Promise<KeyEncryptionKey> {
  await createPrivateFile(join(home, name), `${await generateX25519Identity()}\n`)
  return ageKek(join(home, name))
}

/** The same, which does not answer while it is away. */
function orAway(own: KeyEncryptionKey): KeyEncryptionKey {
  const unlessAway = <T>(use: () => Promise<T>): Promise<T> =>
    isAway ? Promise.reject(new KekError('unreachable', own.uri)) : use()
  const unwrap: KeyEncryptionKey['unwrap'] = (wrapped, purpose) => unlessAway(() => own.unwrap(wrapped, purpose))
  const generate: KeyEncryptionKey['generate'] = (purpose) => unlessAway(() => own.generate(purpose))
  return { ...own, unwrap, generate }
}

/** Does something while the backend of `[kms]` is away. */
export async function whileAway(work: () => Promise<void>): Promise<void> {
  isAway = true
  try {
    await work()
  } finally {
    isAway = false
  }
}

/** Somebody who has been an Admin with a second factor for two days. */
export async function addPerson({ id, username }: Somebody): Promise<void> {
  const since = sql<Date>`now() - interval '2 days'`
  await sql`insert into users (id, username, display_name, password_hash, must_change_password, password_changed_at)
    values (${id}, ${username}, ${username}, '', false, now())`.execute(h.db)
  await sql`insert into user_role (user_id, role, granted_at) values (${id}, 'Admin', ${since})`.execute(h.db)
  await sql`insert into authenticator (id, user_id, kind, name, created_at, confirmed_at)
    values (${randomUUID()}, ${id}, 'webauthn', 'key', ${since}, ${since})`.execute(h.db)
}

export const newName = (): string => `key-${randomUUID().slice(0, 8)}`
export const create = (name = newName(), workspace = 'default') => h.call('kmsKey.create', { name, workspace })
export const base64 = (text: string | Uint8Array): string => Buffer.from(text).toString('base64')
export const encrypt = async (
  key: string,
  plaintext: string,
  context: Record<string, string> = {},
): Promise<string> => {
  const { items } = await h.call('kms.encrypt', { key, items: [{ plaintext: base64(plaintext), context }] })
  return items[0]?.ciphertext ?? ''
}
export const decrypt = async (
  ...items: { ciphertext: string; context?: Record<string, string> }[]
): Promise<string[]> =>
  (await h.call('kms.decrypt', { items })).items.map(
    ({ problem, plaintext }) => problem ?? Buffer.from(plaintext?.expose() ?? '', 'base64').toString(),
  )
export const lastEntry = () =>
  h.db.selectFrom('audit_entry').selectAll().orderBy('id', 'desc').limit(1).executeTakeFirstOrThrow()
export const rewrap = async (ciphertext: string, context: Record<string, string> = {}) =>
  (await h.call('kms.rewrap', { items: [{ ciphertext, context }] })).items[0]
export const usage = async (id: string): Promise<number[][]> =>
  (await h.call('kmsKey.usage', { key: id })).versions.map(({ version, ciphertexts }) => [version, ciphertexts])
export const listed = async (id: string, version?: number) =>
  (await h.call('kmsKey.ciphertexts', { id, ...(version !== undefined && { version }) })).items
export const day = 86_400
export const laterBy = (from: Date, days: number): Date => new Date(from.getTime() + days * day * 1000)
/** The worker's own look at one key. */
export const rotateDue = (key: string) => h.internal('kmsKey.rotateDue', { key }, randomUUID())
/** What happened to a key by itself. */
export const eventsOf = async (id: string): Promise<{ action: string; detail: unknown }[]> =>
  (
    await sql<{ entry: string }>`select entry from audit_entry where entry like ${`%${id}%`} order by id`.execute(h.db)
  ).rows
    .map(({ entry }) => JSON.parse(entry) as { action: string; kind: string; detail: unknown })
    .filter(({ kind }) => kind === 'event')
    .map(({ action, detail }) => ({ action, detail }))

/** A call comes as far as its key in milliseconds, where nothing else runs. */
const busyMachineMs = 10_000

/** Makes calls, two at most, that wait for one key, and so come to it in their order. */
export async function inTurn<const C extends readonly (() => Promise<unknown>)[]>(
  id: string,
  calls: C,
): Promise<PromiseSettledResult<unknown>[]> {
  const other = openStore(h.node.url, { size: 2, name: 'other' })
  const begun: Promise<unknown>[] = []
  try {
    await other.transaction().execute(async (tx) => {
      await sql`select from kms_key where id = ${id}::uuid for update`.execute(tx)
      for (const call of calls) {
        const answer = call()
        answer.catch(() => undefined) // it may fail before all are looked at below
        begun.push(answer)
        await expect.poll(() => waiting(tx), { timeout: busyMachineMs }).toBe(begun.length)
      }
    })
  } finally {
    await Promise.allSettled(begun)
    await other.destroy()
  }
  return Promise.allSettled(begun)
}

const waiting = async (tx: Transaction): Promise<number> => {
  const { rows } = await sql<{ n: number }>`select count(*)::int as n from pg_stat_activity
    where datname = current_database() and wait_event_type = 'Lock'`.execute(tx)
  return rows[0]?.n ?? 0
}
