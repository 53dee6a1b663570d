import { hash } from 'node:crypto'
import { isPersonalField } from '@gatehouse/contract'
import { nameOf, type AuditDraft, type Random } from '@gatehouse/enforcement'
import { isUuid } from '@gatehouse/kit'
import canonicalize from 'canonicalize'
import { commitmentTo, saltBytes, type Commitment, type PersonalValue } from './commitment.ts'
import { askedHash, askedText } from './asked.ts'
import { kindOf } from './entry-kind.ts'
import { cleanText, recordable, shortText, type Recordable } from './recordable.ts'
import { subjectsOf, type Subjects } from './subject.ts'

/**
 * The version of the entry's format; 2 has `kind`, 3 commits to every input that says something of a person, 4 to what
 * a decision was made of. What is hashed today must be readable in ten years.
 */
export const entryVersion = 4

/** C2SP tlog-tiles prefixes an entry with its length in 16 bits: a longer one could never be published. */
export const entryBytesMax = 65_535

/** More determining policies than a decision has; a bound on the entry. */
const policiesMax = 64

/** An entry ready to be stored: its canonical text, and the personal values that it commits to. */
export interface MadeEntry {
  readonly id: string
  /** RFC 8785 JSON. INVARIANT: at most `entryBytesMax` bytes of UTF-8; never changed once it is stored. */
  readonly entry: string
  readonly personal: readonly PersonalValue[]
  /** Whom those are about. */
  readonly subjects: Subjects
  /** What was decided, beside the entry, which has its hash; null: nothing was. */
  readonly asked: string | null
}

export interface EntryFacts {
  readonly draft: AuditDraft
  /** When it is recorded. */
  readonly at: Date
  /** The intent that this entry closes. */
  readonly intent: string | null
  readonly random: Random
}

/** Makes the entry of a draft: canonical, bounded, personal fields as salted commitments. */
export function makeEntry({ draft, at, intent, random }: EntryFacts): MadeEntry {
  const id = draft.id ?? random.id()
  const personal: PersonalValue[] = []
  const nextSalt = saltsFrom(random)
  const commit = (field: string, value: unknown): Commitment | null => {
    if (value === null || value === undefined || value === '') return null
    const clear = {
      field,
      value: typeof value === 'string' ? cleanText(value) : canonical(recordable(value)),
      salt: nextSalt(),
    }
    personal.push(clear)
    return commitmentTo(clear)
  }
  const asked = draft.decision === null ? null : askedText(draft, nextSalt)
  const fields = {
    v: entryVersion,
    id,
    at: at.toISOString(),
    kind: kindOf(draft),
    action: draft.action,
    outcome: draft.outcome,
    ...callerFields(draft, commit),
    ...subjectFields(draft),
    decision: decisionField(draft, asked),
    refusal: draft.refusal,
    intent,
    input: inputField(draft, commit),
    detail: recordable(draft.detail ?? null),
  }
  const { text, cut } = bounded(fields)
  // a commitment that was cut away with the input commits to nothing any more
  return {
    id,
    entry: text,
    asked,
    personal: cut.includes('input') ? personal.filter(({ field }) => !field.startsWith('input.')) : personal,
    subjects: subjectsOf(draft),
  }
}

/**
 * As many as most entries have personal values, and one for what was asked: asking the system for randomness costs as
 * much as all the rest of a salt.
 */
const saltsAtOnce = 5

/** Hands out salts, each once. */
function saltsFrom(random: Random): () => Uint8Array {
  let left: Uint8Array = new Uint8Array()
  return () => {
    if (left.length === 0) left = random.bytes(saltBytes * saltsAtOnce)
    const salt = left.subarray(0, saltBytes)
    left = left.subarray(saltBytes)
    return salt
  }
}

type Commit = (field: string, value: unknown) => Commitment | null

function callerFields({ principal, call }: AuditDraft, commit: Commit): Record<string, Recordable> {
  const name = nameOf(principal)
  return {
    principal: {
      type: principal.type,
      id: shortText(principal.id),
      name: asRecordable(commit('principal.name', name === null ? null : shortText(name))),
    },
    ip: asRecordable(commit('ip', shortText(call.address))),
    userAgent: asRecordable(commit('userAgent', shortText(call.userAgent))),
    sessionId: sessionOf(principal),
    requestId: shortText(call.requestId),
    transport: call.transport,
  }
}

/**
 * The id of a token stands where a log-in's would: both say by what a call was proved, and both are searched for when
 * one was stolen.
 */
const sessionOf = (principal: AuditDraft['principal']): string | null => {
  if (principal.type === 'User') return shortText(principal.session.id)
  const token = principal.type === 'Service' ? principal.apiToken : undefined
  return token === undefined ? null : shortText(token.id)
}

const asRecordable = (commitment: Commitment | null): Recordable => (commitment === null ? null : { c: commitment.c })

const subjectFields = ({ resource, workspace }: AuditDraft): Record<string, Recordable> => ({
  resource: { type: shortText(resource.type), id: isName(resource) ? '' : shortText(resource.id) },
  workspace: workspace === null ? null : shortText(workspace),
})

/** A person who was asked for by a name that nobody has: it stands in the input, which commits to it. */
const isName = ({ type, id }: AuditDraft['resource']): boolean => type === 'User' && !isUuid(id)

const decisionField = ({ decision }: AuditDraft, asked: string | null): Recordable =>
  decision === null
    ? null
    : {
        effect: decision.effect,
        policies: decision.policies.slice(0, policiesMax).map(shortText),
        version: shortText(decision.version),
        ...(asked === null ? {} : { asked: askedHash(asked) }),
      }

/** The input with what the operation calls personal committed to; everything else as it is. */
function inputField(draft: AuditDraft, commit: Commit): Record<string, Recordable> {
  return Object.fromEntries(
    Object.entries(draft.input)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => {
        const key = cleanText(name)
        return [
          key,
          isPersonalField(draft.action, name) ? asRecordable(commit(`input.${key}`, value)) : recordable(value),
        ]
      }),
  )
}

type Fields = Readonly<Record<string, Recordable>>

/** Replaces what is too long by its hash, the input first: the detail is ours, and shorter. */
function bounded(fields: Fields): { text: string; cut: readonly string[] } {
  for (const cut of [[], ['input'], ['input', 'detail']]) {
    const text = canonical({
      ...fields,
      ...Object.fromEntries(cut.map((name) => [name, digestOf(fields[name] ?? null)])),
    })
    if (Buffer.byteLength(text, 'utf8') <= entryBytesMax) return { text, cut }
  }
  throw new RangeError('an entry without input and detail is still too long')
}

function digestOf(value: Recordable): Recordable {
  const text = canonical(value)
  return { sha256: hash('sha256', text, 'base64url'), sizeBytes: Buffer.byteLength(text, 'utf8') }
}

/** RFC 8785 JSON. `undefined` comes back only for values that `Recordable` does not have. */
export function canonical(value: Recordable): string {
  const text = canonicalize(value)
  if (text === undefined) throw new TypeError('a value without a canonical form')
  return text
}
