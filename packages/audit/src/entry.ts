import { hash } from 'node:crypto'
import { isPersonalField } from '@gatehouse/contract'
import type { AuditDraft, Random } from '@gatehouse/enforcement'
import { isUuid } from '@gatehouse/kit'
import { saltBytes, type Commitment, type PersonalValue } from './commitment.ts'
import { askedHash, askedText } from './asked.ts'
import { isThingInInput, type FoundFact } from './asked-facts.ts'
import { canonical, isInOrder } from './canonical.ts'
import { kindOf } from './entry-kind.ts'
import { cleanName, cleanText, fitsBytes, inOrder, recordable, shortText, type Recordable } from './recordable.ts'
import {
  committing,
  sayOfCaller,
  sessionOf,
  type Committing,
  type SaidOfCaller,
  type SayOfSession,
} from './said-of-caller.ts'
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
  /** Those that all entries of the caller's session in this minute commit to; null: there are none. */
  readonly ofSession: readonly PersonalValue[] | null
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
  /** What is said of the callers of sessions; absent: each entry says it anew. */
  readonly sayOfSession?: SayOfSession
}

/** Makes the entry of a draft: canonical, bounded, personal fields as salted commitments. */
export function makeEntry({ draft, at, intent, random, sayOfSession }: EntryFacts): MadeEntry {
  const id = draft.id ?? random.id()
  const nextSalt = saltsFrom(random)
  const own = committing(nextSalt)
  const ofSession = sayOfSession?.(draft, at) ?? null
  const caller = callerFields(draft, ofSession ?? sayOfCaller(draft, own))
  const asked = draft.decision === null ? null : askedText(draft, nextSalt)
  const subject = subjectFields(draft)
  // INVARIANT: all of it is recordable and in the order of canonical JSON; of `detail` and `input`, `write` looks
  const fields = {
    action: draft.action,
    at: at.toISOString(),
    decision: decisionField(draft, asked?.text ?? null),
    detail: recordable(draft.detail ?? null),
    id,
    input: inputField(draft, own, asked?.facts ?? []),
    intent,
    ip: caller.ip,
    kind: kindOf(draft),
    outcome: draft.outcome,
    principal: caller.principal,
    refusal: draft.refusal,
    requestId: caller.requestId,
    resource: subject.resource,
    sessionId: caller.sessionId,
    transport: caller.transport,
    userAgent: caller.userAgent,
    v: entryVersion,
    workspace: subject.workspace,
  }
  const { text, cut } = bounded(fields)
  // a commitment that was cut away with the input commits to nothing any more
  return {
    id,
    entry: text,
    asked: asked?.text ?? null,
    personal: cut.includes('input') ? own.values.filter(({ field }) => !field.startsWith('input.')) : own.values,
    ofSession: ofSession?.values ?? null,
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

const callerFields = ({ principal, call }: AuditDraft, said: SaidOfCaller) => ({
  principal: { id: shortText(principal.id), name: asRecordable(said.name), type: principal.type },
  ip: asRecordable(said.ip),
  userAgent: asRecordable(said.userAgent),
  sessionId: sessionOf(principal),
  requestId: shortText(call.requestId),
  transport: call.transport,
})

const asRecordable = (commitment: Commitment | null): Recordable => (commitment === null ? null : { c: commitment.c })

function subjectFields(draft: AuditDraft) {
  const { resource, workspace } = draft
  return {
    resource: {
      id: isName(resource) || isThingInInput(draft) ? '' : shortText(resource.id),
      type: shortText(resource.type),
    },
    workspace: workspace === null ? null : shortText(workspace),
  }
}

/** A person who was asked for by a name that nobody has: it stands in the input, which commits to it. */
const isName = ({ type, id }: AuditDraft['resource']): boolean => type === 'User' && !isUuid(id)

const decisionField = ({ decision }: AuditDraft, asked: string | null): Recordable =>
  decision === null
    ? null
    : {
        ...(asked === null ? {} : { asked: askedHash(asked) }),
        effect: decision.effect,
        policies: decision.policies.slice(0, policiesMax).map(shortText),
        version: shortText(decision.version),
      }

/**
 * The input with what the operation calls personal committed to, everything else as it is, and beside it what the
 * decision was made of and others had said.
 */
function inputField(draft: AuditDraft, own: Committing, facts: readonly FoundFact[]): Recordable {
  const said = Object.entries(draft.input)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]): [string, Recordable] => {
      const key = cleanName(name)
      return [
        key,
        isPersonalField(draft.action, name)
          ? asRecordable(own.commit(`input.${key}`, textOf(value)))
          : recordable(value),
      ]
    })
  const found = facts.map(({ name, value }): [string, Recordable] => [
    name,
    asRecordable(own.commit(`input.${name}`, value)),
  ])
  return inOrder([...said, ...found])
}

/** A personal value as it is committed to; empty: there is none. */
function textOf(value: unknown): string {
  if (value === null) return ''
  return typeof value === 'string' ? cleanText(value) : canonical(recordable(value))
}

type Fields = Readonly<Record<string, Recordable>>

/** Replaces what is too long by its hash, the input first: the detail is ours, and shorter. */
function bounded(fields: Fields): { text: string; cut: readonly string[] } {
  for (const cut of [[], ['input'], ['input', 'detail']]) {
    const text = write(cut.length === 0 ? fields : withDigests(fields, cut))
    if (fitsBytes(text, entryBytesMax)) return { text, cut }
  }
  throw new RangeError('an entry without input and detail is still too long')
}

/** As canonical JSON. Looking whether our own fields are in order took as long as writing them. */
const write = (fields: Fields): string =>
  isInOrder(fields['detail']) && isInOrder(fields['input']) ? JSON.stringify(fields) : canonical(fields)

const withDigests = (fields: Fields, cut: readonly string[]): Fields => ({
  ...fields,
  ...Object.fromEntries(cut.map((name) => [name, digestOf(fields[name] ?? null)])),
})

function digestOf(value: Recordable): Recordable {
  const text = canonical(value)
  return { sha256: hash('sha256', text, 'base64url'), sizeBytes: Buffer.byteLength(text, 'utf8') }
}
