import { rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { createChange, createLedger, openSubjectKeys, type Change } from '@gatehouse/audit'
import { resourceTypes } from '@gatehouse/contract'
import { openStore, type Store } from '@gatehouse/database'
import { systemRandom, type Slices } from '@gatehouse/enforcement'
import { sealerUnder } from '@gatehouse/keys'
import { createDatabase, testPoolSize, type TestDatabase } from '@gatehouse/testkit'
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest'
import { openPolicyEngine, type PolicyEngine, type PolicyEngineOptions } from '../src/index.ts'
import { requestIn } from '../src/situation.ts'
import { copyOfPolicies, heardAlerts, nobodysEmergency, operatorSigns, policy } from './policy-texts.ts'

/** A policy under which the request of these tests is denied, and what is none. */
export const noOperators = policy('no-operators', 'forbid (principal in Role::"Operator", action, resource);')
export const broken = `${noOperators}\npermit (principal, action resource);\n`

/** What is asked again and again: allowed by what is shipped. */
export const request = requestIn(operatorSigns)

const systemClock = { now: () => new Date() }
const service = { type: 'Service', id: 'gateway', name: 'gateway', bound: true } as const
const sealer = sealerUnder({ id: '01980000-0000-7000-8000-000000000022', key: new Uint8Array(32) })

/** What is decided now. */
export const effect = (engine: PolicyEngine): string => engine.decider.decide(request).effect

/** How long it took until it was so; throws when it never is. */
export async function millisecondsUntil(isSo: () => boolean | Promise<boolean>): Promise<number> {
  const begin = performance.now()
  while (!(await isSo())) {
    if (performance.now() - begin > 10_000) throw new Error('it never came to be')
    await pause(10)
  }
  return performance.now() - begin
}

/** Engines of a test file over a database of its own; each test has a copy of the shipped policies and an empty log. */
export function liveEngines() {
  let database: TestDatabase
  let db: Store
  let admin: Store
  let directory: Awaited<ReturnType<typeof copyOfPolicies>>
  const closing: (() => Promise<void>)[] = []

  beforeAll(async () => {
    database = await createDatabase()
    db = openStore(database.url, { size: testPoolSize, name: 'policy-test' })
    admin = openStore(database.adminUrl, { size: 1, name: 'policy-test-admin' })
  })
  afterAll(async () => {
    await Promise.all([db.destroy(), admin.destroy()])
    await database.drop()
  })
  beforeEach(async () => {
    directory = await copyOfPolicies()
  })
  afterEach(async () => {
    for (const close of closing.splice(0).toReversed()) await close()
    await directory.remove()
    for (const table of ['policy_node', 'policy_pin', 'policy_change', 'audit_pending'] as const)
      await admin.deleteFrom(table).execute()
  })

  /** The real audit log: events by `change()`, on the real tables. */
  const recordOf = async (engine: PolicyEngine): Promise<Change> =>
    createChange({
      db,
      subjectKeys: await openSubjectKeys({ db, sealer, random: systemRandom(systemClock), service }),
      parents: new Set(),
      decider: engine.decider,
      clock: systemClock,
      random: systemRandom(systemClock),
      ledger: createLedger(),
      service,
      slices: Object.fromEntries(
        resourceTypes.map((type) => [type, () => Promise.resolve(null)]),
      ) as unknown as Slices<Store>, // total by construction; events load none
    })

  const opened = async (options: Partial<PolicyEngineOptions> = {}) => {
    const alerts = heardAlerts()
    const engine = await openPolicyEngine({
      path: directory.path,
      hotReload: true,
      reloadIntervalSeconds: 60,
      bundleKeys: [],
      node: 'node-1',
      db,
      clock: systemClock,
      random: systemRandom(systemClock),
      alerts,
      emergency: nobodysEmergency,
      ...options,
    })
    closing.push(() => engine.close())
    return { engine, alerts }
  }

  return {
    db: () => db,
    path: () => directory.path,
    /** To be done after the test, last things first. */
    afterwards: (...work: readonly (() => Promise<void>)[]) => void closing.push(...work),
    recordOf,
    opened,
    /** One that follows its directory and tells the audit log. */
    followed: async (options: Partial<PolicyEngineOptions> = {}) => {
      const made = await opened(options)
      await made.engine.follow(await recordOf(made.engine))
      return made
    },
    eventsNamed: async (action: string): Promise<Record<string, unknown>[]> =>
      (await admin.selectFrom('audit_entry').select('entry').where('action', '=', action).execute()).map(
        ({ entry }) => JSON.parse(entry) as Record<string, unknown>,
      ), // our own JSON
    /** Puts a file into its place at once. */
    replace: async (file: string, text: string): Promise<void> => {
      await writeFile(join(directory.path, `${file}.tmp`), text)
      await rename(join(directory.path, `${file}.tmp`), join(directory.path, file))
    },
  }
}
