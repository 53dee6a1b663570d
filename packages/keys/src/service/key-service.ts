import { Refusal } from '@gatehouse/contract'
import type { Store, Transaction } from '@gatehouse/database'
import type { Clock, Random } from '@gatehouse/enforcement'
import {
  bindingMark,
  EnvelopeError,
  openEnvelope,
  readHeader,
  sealEnvelope,
  type EnvelopeFailure,
  type EnvelopeHeader,
  type ReadyVersion,
} from '../envelope.ts'
import { mayUse, openingProblem, type KeyUse, type VersionProblem } from '../transitions.ts'
import { insertEntries, moveEntries, selectMarks, type CensusEntries } from './census.queries.ts'
import type { KeyRing } from './key-ring.ts'
import {
  advanceKey,
  insertVersion,
  readKey,
  readVersion,
  selectWrapNames,
  stillOpens,
  type Advance,
  type KeyReading,
  type KeyRow,
  type VersionRow,
} from './key.queries.ts'
import type { SealBudget } from './seal-budget.ts'
import { requireSpread, spreadNow } from './spread.ts'
import { KeyMovedError, untilItHolds } from './until-it-holds.ts'
import type { NewVersion, Spread } from './wrap-version.ts'

export interface KeyServiceDeps {
  readonly db: Store
  readonly clock: Clock
  readonly random: Random
  readonly ring: KeyRing
  readonly seals: SealBudget
}

/** Runs work in the transaction that also writes the caller's audit entry; it may be run again. */
export type Write = <T>(work: (tx: Transaction) => Promise<T>) => Promise<T>

/** What was written into the census, for the audit entry. */
export interface Recorded {
  readonly version: number
  readonly ciphertexts: number
}
/** The same for what writes into the census: its entry may say what. */
export type WriteCensus = (work: (tx: Transaction) => Promise<Recorded>) => Promise<Recorded>
/** The same for several calls: an entry for each, in their order. */
export type WriteCensusTogether = (
  work: (tx: Transaction) => Promise<readonly Recorded[]>,
) => Promise<readonly Recorded[]>

/** Something to encrypt. */
export interface PlainItem {
  /** Null: what was given for it is no bytes. */
  readonly plaintext: Uint8Array | null
  readonly context: Readonly<Record<string, string>>
  /** Where the caller will keep it. */
  readonly location: string | null
}

/** Something to decrypt or rewrap. */
export interface SealedItem {
  readonly envelope: Uint8Array
  readonly context: Readonly<Record<string, string>>
}

export type ItemProblem = EnvelopeFailure | VersionProblem | 'not-in-census'

/** What came of one item of many: the others do not depend on it. */
export type ItemResult<T> =
  | { readonly problem: null; readonly value: T }
  | { readonly problem: ItemProblem; readonly value: null }

/** An envelope, and the version that opens it. */
export interface Sealed {
  readonly envelope: Uint8Array
  readonly keyVersion: number
}

/** A key that may be used so. Throws `Refusal`, which says what to do. */
export const requireKey = async (db: Store, reference: string, use: KeyUse): Promise<KeyRow> =>
  requireUse(await readKey(db, reference), use)

function requireUse<K extends KeyRow>(key: K | null, use: KeyUse): K {
  if (key === null) throw new Refusal('not-found')
  if (!mayUse(key.state, use)) throw new Refusal('conflict', { hint: `the key is ${key.state}; it does not ${use}` })
  return key
}

/** Seals items under the current version of a key, and writes each into the census. All of them or none. */
export const encryptItems = async (
  deps: KeyServiceDeps,
  { key, items }: { readonly key: string; readonly items: readonly PlainItem[] },
  write: WriteCensus,
): Promise<ItemResult<Sealed>[]> => {
  const one: WriteCensusTogether = async (work) => [await write(async (tx) => onlyOf(await work(tx)))]
  const asked = { readKey: () => readKey(deps.db, key), calls: [items] }
  return onlyOf(await encryptTogether(deps, asked, { inTransaction: one }))
}

/** What several calls encrypt under one key. */
export interface EncryptTogether {
  /** The key as it stands; null: there is none. */
  readonly readKey: () => Promise<KeyReading | null>
  readonly calls: readonly (readonly PlainItem[])[]
}

/** How what is given out gets into the census, with the entries of its calls. */
export interface WaysToWrite {
  /** By one statement, while the key stands as the calls were decided on it. False: it does not; nothing is written. */
  readonly atOnce?: (key: KeyReading, census: CensusEntries, recorded: readonly Recorded[]) => Promise<boolean>
  readonly inTransaction: WriteCensusTogether
}

/** The same for the items of several calls, which are written together. All of them or none. */
export const encryptTogether = (
  deps: KeyServiceDeps,
  { readKey: read, calls }: EncryptTogether,
  { atOnce, inTransaction }: WaysToWrite,
): Promise<ItemResult<Sealed>[][]> =>
  untilItHolds(async () => {
    const key = requireUse(await read(), 'encrypt')
    const ready = await deps.ring.open(key.id, key.current_version)
    const { version } = ready
    await deps.seals.take(ready, calls.flat().length)
    const made = calls.map((items) => items.map((item) => resultOf(() => sealItem(deps, { key, ready, item }))))
    const census = { keyId: key.id, version, entries: entriesOf(made.flat()), now: deps.clock.now() }
    const recorded = made.map((ofCall) => ({ version, ciphertexts: entriesOf(ofCall).length }))
    if ((await atOnce?.(key, census, recorded)) !== true)
      await inTransaction(async (tx) => {
        if (!(await insertEntries(tx, census))) throw new KeyMovedError()
        return recorded
      })
    return made.map((ofCall) => ofCall.map(sealedOf))
  })

/** The answer to the one call that there was. */
function onlyOf<T>(answers: readonly T[]): T {
  if (answers.length !== 1) throw new TypeError('answers for others than were asked for')
  return answers[0] as T // there is one
}

const sealedOf = (result: ItemResult<Made>): ItemResult<Sealed> =>
  result.problem === null ? { problem: null, value: result.value.sealed } : result

const entriesOf = (made: readonly ItemResult<Made>[]): Entry[] =>
  made.flatMap(({ value }) => (value === null ? [] : [value.entry]))

interface Entry {
  readonly id: string
  readonly mark: string
  readonly location: string | null
}
interface Made {
  readonly sealed: Sealed
  readonly entry: Entry
}

function sealItem(
  { random }: KeyServiceDeps,
  { key, ready, item }: { readonly key: KeyRow; readonly ready: ReadyVersion; readonly item: PlainItem },
): Made {
  if (item.plaintext === null) throw new ItemError('malformed')
  const binding = { workspace: key.workspace_id, context: item.context }
  const ciphertextId = random.id()
  return {
    sealed: { envelope: sealEnvelope(ready, { ...binding, ciphertextId }, item.plaintext), keyVersion: ready.version },
    entry: { id: ciphertextId, mark: bindingMark(ready, binding), location: item.location },
  }
}

/** Opens items of one key. An item of another key is that item's problem. */
export async function decryptItems(deps: KeyServiceDeps, { key, items }: Decrypting): Promise<ItemResult<Buffer>[]> {
  return (await openItems(deps, await requireKey(deps.db, key, 'decrypt'), items)).map(plaintextOf)
}

/** What is opened under a key. */
export interface Decrypting {
  readonly key: string
  readonly items: readonly SealedItem[]
}

/** How a call that opens something is answered and put on record. */
export interface WaysToRecord<A> {
  /** What it is answered. Throws where the call is refused for what came of its items. */
  readonly answer: (results: readonly ItemResult<Buffer>[]) => A
  /** By one statement, while the key stands as the call was decided on it. False: it does not; nothing is written. */
  readonly atOnce: (key: KeyReading, opened: number) => Promise<boolean>
  /** With work that throws where the key opens this no more. */
  readonly inTransaction: (work: (tx: Transaction) => Promise<void>, opened: number) => Promise<void>
}

/**
 * The same for a call, which is on record before it is answered, and while the key still opens what was opened: whoever
 * was told that a key is disabled, or a version revoked, has seen the last of what it opens.
 */
export const decryptOnRecord = <A>(
  deps: KeyServiceDeps,
  { key: reference, items }: Decrypting,
  { answer, atOnce, inTransaction }: WaysToRecord<A>,
): Promise<A> =>
  untilItHolds(async () => {
    const key = requireUse(await readKey(deps.db, reference), 'decrypt')
    const results = await openItems(deps, key, items)
    const answered = answer(results.map(plaintextOf))
    const versions = results.flatMap(({ value }) => (value === null ? [] : [value.header.keyVersion]))
    if (!(await atOnce(key, versions.length)))
      await inTransaction(async (tx) => {
        if (!(await stillOpens(tx, key.id, [...new Set(versions)]))) throw new KeyMovedError()
      }, versions.length)
    return answered
  })

const openItems = (deps: KeyServiceDeps, key: KeyRow, items: readonly SealedItem[]): Promise<ItemResult<Opened>[]> => {
  const opening: Opening = { key, versions: versionsOf(deps.db, key.id), use: 'decrypt' }
  return sequentially(items, (item) => openItem(deps, opening, item))
}

const plaintextOf = (result: ItemResult<Opened>): ItemResult<Buffer> =>
  result.problem === null ? { problem: null, value: result.value.plaintext } : result

/** Seals what items hold under the current version; their ids stay. Nobody sees a plaintext. */
export const rewrapItems = (
  deps: KeyServiceDeps,
  { key: reference, items }: { readonly key: string; readonly items: readonly SealedItem[] },
  write: WriteCensus,
): Promise<ItemResult<Sealed>[]> =>
  untilItHolds(async () => {
    const key = await requireKey(deps.db, reference, 'rewrap')
    const ready = await deps.ring.open(key.id, key.current_version)
    await deps.seals.take(ready, items.length)
    const opening: Opening = { key, versions: versionsOf(deps.db, key.id), use: 'rewrap' }
    const made = await sequentially(items, (item) => rewrapItem(deps, { opening, ready, item }))
    // an envelope may stand in a batch twice: it is one ciphertext
    const entries = [...new Map(entriesOf(made).map((entry) => [entry.id, entry])).values()]
    await write(async (tx) => {
      const { version } = ready
      if (!(await moveEntries(tx, { keyId: key.id, version, entries, now: deps.clock.now() })))
        throw new KeyMovedError()
      return { version, ciphertexts: entries.length }
    })
    return made.map(sealedOf)
  })

async function rewrapItem(
  deps: KeyServiceDeps,
  { opening, ready, item }: { readonly opening: Opening; readonly ready: ReadyVersion; readonly item: SealedItem },
): Promise<Made> {
  const { header, plaintext, revoked, old } = await openItem(deps, opening, item)
  const { key } = opening
  const binding = { workspace: key.workspace_id, context: item.context }
  // whoever has a revoked version's material can make what opens under it: only what we gave out is sealed anew
  const known = revoked ? (await selectMarks(deps.db, key.id, [header.ciphertextId])).get(header.ciphertextId) : null
  if (revoked && known !== bindingMark(old, binding)) throw new ItemError('not-in-census')
  const { ciphertextId } = header
  return {
    sealed: { envelope: sealEnvelope(ready, { ...binding, ciphertextId }, plaintext), keyVersion: ready.version },
    entry: { id: ciphertextId, mark: bindingMark(ready, binding), location: null },
  }
}

/** One item's problem, which is not the call's. */
class ItemError extends Error {
  override readonly name = 'ItemError'
  readonly problem: ItemProblem

  constructor(problem: ItemProblem) {
    super(problem)
    this.problem = problem
  }
}

interface Opened {
  readonly header: EnvelopeHeader
  readonly plaintext: Buffer
  readonly revoked: boolean
  /** The version that opened it. */
  readonly old: ReadyVersion
}

/** What a batch opens its items with. */
interface Opening {
  readonly key: KeyRow
  readonly versions: (version: number) => Promise<VersionRow | null>
  readonly use: 'decrypt' | 'rewrap'
}

/** The versions of a key, each read once: most of a batch names the same. */
function versionsOf(db: Store, keyId: string): Opening['versions'] {
  const read = new Map<number, Promise<VersionRow | null>>()
  return (version) => {
    const there = read.get(version) ?? readVersion(db, keyId, version)
    read.set(version, there)
    return there
  }
}

async function openItem({ ring }: KeyServiceDeps, { key, versions, use }: Opening, item: SealedItem): Promise<Opened> {
  const header = readHeader(item.envelope)
  if (header.keyId !== key.id) throw new ItemError('wrong-key')
  const found = await versions(header.keyVersion)
  if (found === null) throw new ItemError('wrong-key')
  const { state } = found
  const standing = { version: header.keyVersion, state, minimumVersion: key.minimum_version }
  const problem = openingProblem(standing, use)
  if (problem !== null) throw new ItemError(problem)
  const old = await ring.open(key.id, header.keyVersion)
  const binding = { workspace: key.workspace_id, context: item.context }
  return { header, plaintext: openEnvelope(old, binding, item.envelope), revoked: state === 'revoked', old }
}

/** One after another: a batch is one caller's, and takes one place of the pool. */
async function sequentially<I, T>(items: readonly I[], work: (item: I) => Promise<T>): Promise<ItemResult<T>[]> {
  const results: ItemResult<T>[] = []
  for (const item of items) {
    try {
      results.push({ problem: null, value: await work(item) })
    } catch (error) {
      results.push(problemOf(error))
    }
  }
  return results
}

function resultOf<T>(work: () => T): ItemResult<T> {
  try {
    return { problem: null, value: work() }
  } catch (error) {
    return problemOf(error)
  }
}

function problemOf(error: unknown): { readonly problem: ItemProblem; readonly value: null } {
  if (error instanceof EnvelopeError) return { problem: error.code, value: null }
  if (error instanceof ItemError) return { problem: error.problem, value: null }
  throw error
}

/**
 * Makes the next version of a key the current one. Calls at once make one version (threat E10): whoever finds one that
 * was made since they asked answers that.
 */
export async function rotateKey(
  deps: KeyServiceDeps,
  reference: string,
  write: Write,
): Promise<{ readonly version: number; readonly rotated: boolean }> {
  const { db, clock } = deps
  const asked = clock.now()
  return untilItHolds(async () => {
    const key = await requireKey(db, reference, 'rotate')
    const current = await readVersion(db, key.id, key.current_version)
    if (current !== null && isMadeSince(asked, current.created_at, clock.now())) {
      await write(() => Promise.resolve()) // the call is on record, too
      return { version: key.current_version, rotated: false }
    }
    const made = await nextVersion(deps, key)
    const rotated = await write((tx) => putVersion(tx, made, { by: 'person', now: clock.now() }))
    if (rotated) return { version: made.version, rotated }
    return { version: (await requireKey(db, key.id, 'rotate')).current_version, rotated }
  })
}

/** The next version of a key, wrapped by whichever backends have its current one. Nothing is written yet. */
const nextVersion = async (deps: Pick<KeyServiceDeps, 'db' | 'ring'>, key: KeyRow): Promise<NewVersion> =>
  deps.ring.generate({ keyId: key.id, version: key.current_version + 1 }, await nextSpread(deps, key))

/** How the next version of a key is to be spread. */
export const nextSpread = async ({ db }: Pick<KeyServiceDeps, 'db'>, key: KeyRow): Promise<Spread> =>
  spreadNow(key, await selectWrapNames(db, key.id))

/** Clocks of two nodes may be so far apart. */
const skewMs = 5000

/** A version of the future was made before the clock was set back: it answers nobody who asks to rotate today. */
const isMadeSince = (asked: Date, madeAt: Date, now: Date): boolean =>
  madeAt > asked && madeAt.getTime() <= now.getTime() + skewMs

/** Makes it the current one of its key. False: another was there first. Begins again where its backends are others. */
export async function putVersion(
  tx: Transaction,
  made: NewVersion,
  { by, now }: Pick<Advance, 'by' | 'now'>,
): Promise<boolean> {
  const before = made.version - 1
  if (!(await advanceKey(tx, { id: made.keyId, from: before, by, now }))) return false
  await requireSpread(tx, { keyId: made.keyId, version: before }, made.wraps)
  await insertVersion(tx, made, now)
  return true
}
