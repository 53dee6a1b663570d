import type { Store } from '@gatehouse/database'
import type { Random, SealedPlace, Sealer } from '@gatehouse/enforcement'
import { hmacSha256Under, type PersonalValue } from './commitment.ts'
import type { MadeEntry } from './entry.ts'
import { rememberedSessions, type SayOfSession } from './said-of-caller.ts'
import { bytesOf, openingBy, packed, placeOfKey, placeOfPart, remembering, type OpenParts } from './sealed-parts.ts'
import { partOf, sessionPart, strangers, type PersonalPart, type Subject } from './subject.ts'
import { ensureKeys, readLookupKey, type KeptPart, type SubjectKeyRow } from './subject-keys.queries.ts'

const keyBytes = 32
/** As much of an HMAC as no two texts ever share. */
const lookupBytes = 16
/** People whose keys a process remembers: more than are at work at once. */
const rememberedMax = 10_000
/** The row that is no person's: under its key the look-ups are made. */
const lookupKeyId = '00000000-0000-0000-0000-000000000000'

/** Values as they are kept, wherever they are. */
export interface SealedValues {
  readonly keyId: string
  readonly sealed: Buffer
  readonly ip: Buffer | null
}

/** An entry's personal values as they are kept; null: there are none. */
export interface SealedEntry {
  readonly entryId: string
  readonly caller: (SealedValues & { readonly part: 'caller' | typeof sessionPart }) | null
  readonly input: SealedValues | null
}

/** Whom an input names, as it is searched for. */
export interface Mention {
  readonly value: Buffer
  readonly entryId: string
  readonly field: string
}

export interface Sealed {
  /** Keys that are not known to be kept yet: they are written with the values. */
  readonly keys: readonly SubjectKeyRow[]
  /** One of each entry, in their order. */
  readonly entries: readonly SealedEntry[]
  readonly mentions: readonly Mention[]
}

/**
 * Seals the personal values of entries, each under the key of whom they are about. Destroying the key erases the values
 * wherever they were copied to; the entries, which only commit to them, stay as they are.
 */
export interface SubjectKeys {
  seal(entries: readonly Told[]): Sealed
  /** Keys that are kept from now on: the transaction that wrote them has ended. */
  confirm(keys: readonly SubjectKeyRow[]): void
  /** What the entries that this process makes say of the callers of sessions. */
  readonly sayOfSession: SayOfSession
  readonly open: OpenParts
  /** A key itself, for a thread of this process that opens parts. Null: these bytes were not sealed as this key. */
  keyOf(kept: Pick<KeptPart, 'keyId' | 'key'>): Uint8Array | null
  /** The same part with other values, under the same key. */
  sealAgain(entryId: string, kept: KeptPart, values: readonly PersonalValue[]): Buffer
  /** What stands for a text where it is searched for: nobody without our key can tell which text. */
  lookupOf(text: string): Buffer
}

export interface SubjectKeysDeps {
  readonly db: Store
  readonly sealer: Sealer
  readonly random: Random
  /** Who stands as the principal of this process's own events. */
  readonly service: Subject
}

/** A key in hand. */
interface Held {
  readonly id: string
  readonly name: string | null
  readonly sealer: Sealer
  /** What is sealed under it for the entries of a session, by the values. */
  readonly ofSessions: WeakMap<readonly PersonalValue[], SealedValues>
}

/** What an entry tells of people. */
type Told = Pick<MadeEntry, 'id' | 'personal' | 'ofSession' | 'subjects'>

/** Opens the keys; makes the one of look-ups at the very first start, and those of this process's own entries. */
export async function openSubjectKeys(deps: SubjectKeysDeps): Promise<SubjectKeys> {
  const lookupOf = lookupUnder(await openLookupKey(deps))
  const addressLookupOf = rememberedLookups(lookupOf)
  const held = remembering<Held>(rememberedMax)
  /** Keys that are on their way into the database, until their transaction has ended. */
  const onTheirWay = new WeakMap<SubjectKeyRow, Held>()

  const batch = () => {
    const rows: SubjectKeyRow[] = []
    const own = new Map<string, Held>()
    const keyFor = (subject: Subject): Held => {
      const known = [held.get(subject.id), own.get(subject.id)].find((one) => isKeyOf(one, subject))
      if (known !== undefined) return known
      const name = subject.name === null ? null : lookupOf(subject.name)
      const { row, key } = newKey(deps, { id: deps.random.id(), subject: subject.id, name })
      const sealer = deps.sealer.under({ id: row.id, key })
      const made = {
        id: row.id,
        name: subject.name,
        sealer,
        ofSessions: new WeakMap<readonly PersonalValue[], SealedValues>(),
      }
      rows.push(row)
      own.set(subject.id, made)
      onTheirWay.set(row, made)
      return made
    }
    return { rows, keyFor }
  }
  const confirm = (rows: readonly SubjectKeyRow[]): void => {
    for (const row of rows) {
      const one = onTheirWay.get(row)
      if (one !== undefined) held.set(row.subject, one)
    }
  }

  const first = batch()
  for (const subject of [deps.service, { id: strangers, name: null }]) first.keyFor(subject)
  await ensureKeys(deps.db, first.rows)
  confirm(first.rows)

  return {
    seal: (entries) => {
      const { rows, keyFor } = batch()
      const sealing = { keyFor, addressLookupOf }
      return {
        keys: rows,
        entries: entries.map((entry) => ({
          entryId: entry.id,
          caller: sealCaller(entry, sealing),
          input: sealPart(entry, 'input', sealing),
        })),
        mentions: entries.flatMap((entry) => mentionsIn(entry, lookupOf)),
      }
    },
    confirm,
    sayOfSession: rememberedSessions(deps.random),
    ...opener(deps.sealer),
    lookupOf,
  }
}

/** Of the same person, and known by the same name where one is asked for. */
const isKeyOf = (held: Held | undefined, { name }: Subject): held is Held =>
  held !== undefined && (name === null || held.name === name)

/** A new key of somebody, in hand and as it is kept. */
function newKey({ random, sealer }: SubjectKeysDeps, { id, subject, name }: Omit<SubjectKeyRow, 'sealed'>) {
  const key = random.bytes(keyBytes)
  return { key, row: { id, subject, name, sealed: Buffer.from(sealer.seal(placeOfKey(id), key)) } }
}

async function openLookupKey(deps: SubjectKeysDeps): Promise<Uint8Array> {
  await ensureKeys(deps.db, [newKey(deps, { id: lookupKeyId, subject: '', name: null }).row])
  return deps.sealer.unseal(placeOfKey(lookupKeyId), await readLookupKey(deps.db, lookupKeyId))
}

function lookupUnder(key: Uint8Array): (text: string) => Buffer {
  const hmac = hmacSha256Under(key)
  return (text) => hmac(Buffer.from(text.toLowerCase(), 'utf8')).subarray(0, lookupBytes)
}

/** Addresses whose look-ups are remembered: each entry has one, and it is mostly one of the last. */
const addressesMax = 1_000

/** Look-ups of addresses, each made once: two hashes an entry. */
function rememberedLookups(lookupOf: (text: string) => Buffer): (address: string) => Buffer {
  const known = remembering<Buffer>(addressesMax)
  return (address) => {
    const made = known.get(address) ?? lookupOf(address)
    if (known.get(address) === undefined) known.set(address, made)
    return made
  }
}

interface Sealing {
  readonly keyFor: (subject: Subject) => Held
  readonly addressLookupOf: (address: string) => Buffer
}

/** What is said of the caller: by all entries of their session in this minute, or by this one alone. */
function sealCaller(entry: Told, sealing: Sealing): SealedEntry['caller'] {
  const ofSession = sealOfSession(entry, sealing)
  if (ofSession !== null) return { part: sessionPart, ...ofSession }
  const own = sealPart(entry, 'caller', sealing)
  return own === null ? null : { part: 'caller', ...own }
}

/** Null for a part without values. */
function sealPart({ id, personal, subjects }: Told, part: PersonalPart, sealing: Sealing): SealedValues | null {
  const values = personal.filter(({ field }) => partOf(field) === part)
  if (values.length === 0) return null
  const key = sealing.keyFor(subjects[part])
  return sealValues(values, { key, place: placeOfPart(id, { part, keyId: key.id }), sealing })
}

/** The same bytes for all entries that say the same, as long as they are of the same key. */
function sealOfSession({ id, ofSession: values, subjects }: Told, sealing: Sealing): SealedValues | null {
  if (values === null || values.length === 0) return null
  const key = sealing.keyFor(subjects.caller)
  const place = placeOfPart(id, { part: sessionPart, keyId: key.id })
  const sealed = key.ofSessions.get(values) ?? sealValues(values, { key, place, sealing })
  key.ofSessions.set(values, sealed)
  return sealed
}

function sealValues(
  values: readonly PersonalValue[],
  { key, place, sealing }: { readonly key: Held; readonly place: SealedPlace; readonly sealing: Sealing },
): SealedValues {
  const ip = values.find(({ field }) => field === 'ip')
  return {
    keyId: key.id,
    sealed: Buffer.from(key.sealer.seal(place, packed(values))),
    ip: ip === undefined ? null : sealing.addressLookupOf(ip.value),
  }
}

/** Whom the input of an entry names. */
const mentionsIn = ({ id, personal }: Told, lookupOf: (text: string) => Buffer): Mention[] =>
  personal
    .filter(({ field }) => partOf(field) === 'input')
    .map(({ field, value }) => ({ value: lookupOf(value), entryId: id, field }))

/** Opens parts; keys stay unsealed for those that come next, and are used only with a row that still has its key. */
function opener(sealer: Sealer): Pick<SubjectKeys, 'open' | 'sealAgain' | 'keyOf'> {
  const opened = remembering<Sealer>(rememberedMax)
  const keyOf = ({ keyId, key }: Pick<KeptPart, 'keyId' | 'key'>): Uint8Array =>
    sealer.unseal(placeOfKey(keyId), bytesOf(key))
  const sealerOf = (kept: KeptPart): Sealer => {
    const known = opened.get(kept.keyId)
    if (known !== undefined) return known
    const own = sealer.under({ id: kept.keyId, key: keyOf(kept) })
    opened.set(kept.keyId, own)
    return own
  }
  return {
    open: openingBy(sealerOf),
    sealAgain: (entryId, kept, values) => Buffer.from(sealerOf(kept).seal(placeOfPart(entryId, kept), packed(values))),
    keyOf: (kept) => {
      try {
        return keyOf(kept)
      } catch {
        return null
      }
    },
  }
}
