// Encrypts, rewraps and rotates under one key, until it is killed. Its parent says by IPC which, and is told of each
// ciphertext that was given out.
import { openDatabaseClock, openStore } from '@gatehouse/database'
import { systemRandom } from '@gatehouse/enforcement'
import { ageKek } from '@gatehouse/keys'
import {
  createKeyRing,
  createSealBudget,
  encryptItems,
  rewrapItems,
  rotateDue,
  rotateKey,
  type DueDone,
  type KeyServiceDeps,
  type Write,
} from '@gatehouse/keys/service'
import type { Transaction } from '@gatehouse/database'
import { sql } from 'kysely'

/** What it works on. */
export interface Work {
  readonly url: string
  readonly kekFile: string
  readonly backend: string
  readonly key: string
}

async function begin({ url, kekFile, backend, key }: Work): Promise<void> {
  const db = openStore(url, { size: 6, name: 'rotating' })
  const clock = await openDatabaseClock(openStore(url, { size: 1, name: 'rotating-clock' }))
  const ring = createKeyRing({ db, backends: new Map([[backend, await ageKek(kekFile)]]) })
  const deps: KeyServiceDeps = { db, clock, random: systemRandom(clock), ring, seals: createSealBudget(db) }
  const write: Write = (work) => db.transaction().execute(work)
  const writeDue = (work: (tx: Transaction) => Promise<DueDone>) => db.transaction().execute(work)
  const given: Uint8Array[] = []
  const give = (envelope: Uint8Array | undefined): void => {
    if (envelope === undefined) return
    given.push(envelope)
    process.send?.(Buffer.from(envelope).toString('base64'))
  }
  const encrypts = async (): Promise<void> => {
    const [sealed] = await encryptItems(
      deps,
      { key, items: [{ plaintext: Buffer.from('s'), context: {}, location: null }] },
      write,
    )
    give(sealed?.value?.envelope)
  }
  const rewraps = async (): Promise<void> => {
    const items = given.slice(-3).map((envelope) => ({ envelope, context: {} }))
    if (items.length === 0) return encrypts()
    for (const sealed of await rewrapItems(deps, { key, items }, write)) give(sealed.value?.envelope)
  }
  const comesDue = async (): Promise<void> => {
    await sql`update kms_key set rotate_at = now() - interval '1 second' where id = ${key}::uuid`.execute(db)
    await rotateDue(deps, key, writeDue)
  }
  const forEver = async (work: () => Promise<unknown>): Promise<void> => {
    for (;;) await work()
  }
  await Promise.all([encrypts, rewraps, () => rotateKey(deps, key, write), comesDue].map(forEver))
}

process.once('message', (work: Work) => {
  begin(work).catch((error: unknown) => {
    console.error(error)
    process.exit(1)
  })
})
