import { isSameCommitment } from '../commitment.ts'
import type { Recordable } from '../recordable.ts'
import { at, commitmentsIn, isObject, parseStoredEntry, textAt, type StoredEntry } from '../stored-entry.ts'
import { hashBytes } from './hash.ts'

/** A row of an export with proofs, as far as it is one. */
export interface ExportRow {
  readonly fields: StoredEntry
  readonly at: string
  readonly id: string
  readonly index: number
  readonly leaf: Buffer
  /** The canonical text that the leaf is the hash of; null: it was kept back. */
  readonly text: string | null
  readonly hashes: readonly Buffer[]
  /** The salts of the values that stand in the row, by their fields. */
  readonly salts: ReadonlyMap<string, Buffer>
}

/** A tree of 2^63 leaves has no longer way. */
const hashesMax = 63

/** Our rows nest a few levels; what nests deeper than the stack would be read and never written again. */
const depthMax = 64

function isShallow(value: Recordable | undefined): boolean {
  let level: readonly (Recordable | undefined)[] = [value]
  for (let depth = 0; depth <= depthMax; depth += 1) {
    level = level.flatMap((one) => (typeof one === 'object' && one !== null ? Object.values(one) : []))
    if (level.length === 0) return true
  }
  return false
}

/** Reads a row. Null: it is none of ours. */
export function parseExportRow(text: string): ExportRow | null {
  const fields = parseStoredEntry(text)
  if (fields === null || !isShallow(fields)) return null
  const [time, id, index] = [textAt(fields, 'at'), textAt(fields, 'id'), at(fields, 'leaf', 'index')]
  const leaf = hashIn(at(fields, 'leaf', 'hash'))
  const given = at(fields, 'proof', 'hashes')
  const hashes = Array.isArray(given) ? (given as readonly Recordable[]).map(hashIn) : null
  if (time === null || id === null || typeof index !== 'number' || leaf === null || hashes === null) return null
  const whole = hashes.filter((hash) => hash !== null)
  if (whole.length !== hashes.length || whole.length > hashesMax || at(fields, 'seq') !== index) return null
  const salts = at(fields, 'proof', 'salts')
  return {
    fields,
    at: time,
    id,
    index,
    leaf,
    text: textAt(fields, 'entry'),
    hashes: whole,
    salts: new Map(Object.entries(isObject(salts) ? salts : {}).map(([field, salt]) => [field, saltIn(salt)])),
  }
}

/** A hash in its one spelling. */
function hashIn(value: Recordable | undefined): Buffer | null {
  const hash = Buffer.from(typeof value === 'string' ? value : '', 'base64')
  return hash.length === hashBytes && hash.toString('base64') === value ? hash : null
}

const saltIn = (value: Recordable): Buffer => Buffer.from(typeof value === 'string' ? value : '', 'base64url')

/** What a row says, and where the entry that was hashed says it. */
const sameFields: readonly (readonly [string, (entry: StoredEntry) => unknown])[] = [
  ['id', (entry) => textAt(entry, 'id')],
  ['at', (entry) => textAt(entry, 'at')],
  ['action', (entry) => textAt(entry, 'action')],
  ['outcome', (entry) => textAt(entry, 'outcome')],
  ['principal.type', (entry) => textAt(entry, 'principal', 'type')],
  ['principal.id', (entry) => textAt(entry, 'principal', 'id')],
  ['resource.type', (entry) => textAt(entry, 'resource', 'type')],
  ['workspace', (entry) => textAt(entry, 'workspace')],
  ['sessionId', (entry) => textAt(entry, 'sessionId')],
  ['requestId', (entry) => textAt(entry, 'requestId')],
  ['transport', (entry) => textAt(entry, 'transport')],
  ['decision.effect', (entry) => textAt(entry, 'decision', 'effect')],
  ['decision.version', (entry) => textAt(entry, 'decision', 'version')],
  ['decision.policies', (entry) => at(entry, 'decision', 'policies') ?? null],
  ['refusal', (entry) => textAt(entry, 'refusal')],
  ['intent', (entry) => textAt(entry, 'intent')],
  ['schemaVersion', (entry) => at(entry, 'v') ?? null],
  ['detail', (entry) => at(entry, 'detail') ?? null],
]

/** Personal fields beside those of the input. */
const callerFields = ['principal.name', 'ip', 'userAgent']

/** The fields of a row that say something else than the entry that was hashed, and values it does not commit to. */
export function fieldsAltered(
  row: ExportRow,
  entry: StoredEntry,
): { readonly altered: readonly string[]; readonly uncommitted: readonly string[] } {
  const said = (field: string): Recordable | null => at(row.fields, ...field.split('.')) ?? null
  const commitments = commitmentsIn(entry)
  // entries of the first version do not say their kind
  const kind = textAt(entry, 'kind')
  const altered = sameFields
    .filter(([field, hashed]) => JSON.stringify(said(field)) !== JSON.stringify(hashed(entry) ?? null))
    .map(([field]) => field)
  const resource = textAt(entry, 'resource', 'id') ?? ''
  const [said_, hashed] = [at(row.fields, 'input'), at(entry, 'input')]
  const inputs = inputsOf(said_).map(([name, value]) => ({ field: `input.${name}`, value, was: inputAt(hashed, name) }))
  const isOpen = ({ field }: { field: string }): boolean => commitments.has(field)
  const values = [...callerFields.map((field) => ({ field, value: said(field) })), ...inputs.filter(isOpen)]
  return {
    altered: [
      ...altered,
      ...(kind === null || kind === said('kind') ? [] : ['kind']),
      ...(resource === '' || resource === said('resource.id') ? [] : ['resource.id']),
      ...(inputsOf(said_).length === inputsOf(hashed).length ? [] : ['input']),
      ...inputs
        .filter((input) => !isOpen(input) && JSON.stringify(input.value) !== JSON.stringify(input.was))
        .map(({ field }) => field),
    ],
    uncommitted: values
      .filter(({ field, value }) => value !== null && !isCommitted(row, commitments.get(field), { field, value }))
      .map(({ field }) => field),
  }
}

const inputsOf = (input: Recordable | undefined): readonly (readonly [string, Recordable])[] =>
  Object.entries(isObject(input) ? input : {})

const inputAt = (input: Recordable | undefined, name: string): Recordable | undefined =>
  isObject(input) && Object.hasOwn(input, name) ? input[name] : undefined

function isCommitted(
  { salts }: ExportRow,
  commitment: string | undefined,
  { field, value }: { field: string; value: Recordable },
): boolean {
  const salt = salts.get(field)
  return salt !== undefined && typeof value === 'string' && isSameCommitment(commitment, { field, value, salt })
}

/** Reads the entry that was hashed. Null: it is none of ours. */
export function hashedEntry(row: ExportRow): StoredEntry | null {
  const entry = row.text === null ? null : parseStoredEntry(row.text)
  return entry !== null && isShallow(entry) ? entry : null
}

/** Which of the filters that an export claims a row does not meet; those that need the database are not looked at. */
export function filterMissed(filters: StoredEntry, row: ExportRow): string | null {
  const wanted = (name: string): string | null => textAt(filters, name)
  const [from, to, workspaces] = [wanted('from'), wanted('to'), at(filters, 'workspaces')]
  if (from !== null && row.at < from) return 'from'
  if (to !== null && row.at > to) return 'to'
  if (Array.isArray(workspaces) && !workspaces.includes(at(row.fields, 'workspace') ?? '')) return 'workspace'
  const missed = equalFilters.find(([name, path]) => {
    const value = wanted(name)
    return value !== null && value !== textAt(row.fields, ...path)
  })
  return missed?.[0] ?? null
}

const equalFilters: readonly (readonly [string, readonly string[]])[] = [
  ['outcome', ['outcome']],
  ['session', ['sessionId']],
  ['decision', ['decision', 'effect']],
]
