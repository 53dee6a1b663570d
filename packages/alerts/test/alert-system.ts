import { randomBytes, randomUUID } from 'node:crypto'
import { createChange, createLedger, openSubjectKeys, type Change } from '@gatehouse/audit'
import { openStore, type Store } from '@gatehouse/database'
import { systemRandom, uid, type Clock, type Random, type Sealer, type Slices } from '@gatehouse/enforcement'
import { sealerUnder } from '@gatehouse/keys'
import { createDatabase, testPoolSize } from '@gatehouse/testkit'
import { createRaiseAlert, type RaiseAlert, type RaisedAlert } from '../src/index.ts'

/** Alerts over a database of their own: real rows, real audit log, a clock in the hand; every call is allowed. */
export interface AlertSystem {
  readonly url: string
  readonly db: Store
  readonly clock: Clock
  readonly random: Random
  readonly sealer: Sealer
  readonly change: Change
  readonly raiseAlert: RaiseAlert
  /** Raises in a transaction of its own. */
  raise(...alert: Tail<Parameters<RaiseAlert>>): Promise<RaisedAlert>
  advance(seconds: number): void
  /** Actions and outcomes in the audit log, oldest first. */
  record(): Promise<string[]>
  close(): Promise<void>
}

type Tail<T extends readonly unknown[]> = T extends readonly [unknown, ...infer Rest] ? Rest : never

const service = { type: 'Service', id: 'worker', name: 'worker', bound: true } as const

/** Starts it; `quietMinutes` is what the settings would say. */
export async function startAlertSystem({ quietMinutes = 60 } = {}): Promise<AlertSystem> {
  const database = await createDatabase()
  let offset = 0
  const clock = { now: () => new Date(Date.now() + offset) }
  const random = systemRandom(clock)
  const db = openStore(database.url, { size: testPoolSize, name: 'alerts-test' })
  const sealer = sealerUnder({ id: randomUUID(), key: randomBytes(32) })
  const change = createChange({
    db,
    subjectKeys: await openSubjectKeys({ db, sealer, random, service }),
    slices: {
      System: () =>
        Promise.resolve({ resource: uid('System', 'gatehouse'), workspace: null, entities: [], versions: [] }),
    } as unknown as Slices<Store>, // the types that these tests never touch have no loader
    parents: new Set(),
    decider: { decide: () => ({ effect: 'allow', policies: ['all'], version: 'test' }), version: () => 'test' },
    clock,
    random,
    ledger: createLedger(),
    service,
  })
  const raiseAlert = createRaiseAlert({ clock, random, change, quietMinutes: () => Promise.resolve(quietMinutes) })
  return {
    url: database.url,
    db,
    clock,
    random,
    sealer,
    change,
    raiseAlert,
    raise: (alert) => db.transaction().execute((tx) => raiseAlert(tx, alert)),
    advance: (seconds) => {
      offset += seconds * 1000
    },
    record: async () =>
      (await db.selectFrom('audit_entry').select(['action', 'outcome']).orderBy('id').execute()).map(
        ({ action, outcome }) => `${action} ${outcome}`,
      ),
    close: async () => {
      await db.destroy()
      await database.drop()
    },
  }
}
