import { hash } from 'node:crypto'
import { isPersonalField } from '@gatehouse/contract'
import {
  extension,
  uid,
  type AuditDraft,
  type CedarEntity,
  type CedarValue,
  type DecisionRequest,
  type EntityUid,
} from '@gatehouse/enforcement'
import { madeOnce } from '@gatehouse/kit'
import {
  foundFacts,
  isSayable,
  isThingInInput,
  thingInInput,
  withFacts,
  withoutFacts,
  type FoundFact,
  type MovedFact,
} from './asked-facts.ts'
import { cleanText, fitsBytes, shortText } from './recordable.ts'

/**
 * The versions of this format. Since version 4 of entries its hash stands in the leaf. The second has facts that stand
 * with the entry's personal values; what has none of them is written as before, and read by older processes too.
 */
const askedVersions = { plain: 1, moved: 2 } as const

/**
 * A slice of eight entities, a person in dozens of teams and a workspace of hundreds stay below it; what is longer is
 * named by its size and cannot be decided again.
 */
export const askedBytesMax = 32_768

/** `Type::id`; a type never holds `::`. */
type EntityText = string

/** One entity: what it is, its attributes, its parents; what is empty at the end is left out. */
type AskedEntity = readonly [EntityText, CedarEntity['attrs']?, (readonly EntityText[])?]

/** What was asked of Cedar, as it is kept: short, since there is one for each entry. */
interface Asked {
  readonly v: (typeof askedVersions)[keyof typeof askedVersions]
  readonly p: EntityText
  readonly a: string
  readonly r: EntityText
  readonly c: Readonly<Record<string, CedarValue>>
  /** Fields of the context that stand with the entry's personal values, where they are erased. */
  readonly m: readonly string[]
  readonly e: readonly AskedEntity[]
  /** All other facts that stand there; of none of them is anything left here. Since version 2. */
  readonly x?: readonly MovedFact[]
  /** Makes its hash worthless to whoever guesses what was asked; absent in what is older. */
  readonly s?: string
}

/** What was asked, as it is kept beside the entry, and facts of it that the entry has to commit to. */
export interface AskedText {
  readonly text: string
  readonly facts: readonly FoundFact[]
}

/**
 * What a draft's decision was made of. The address, inputs that say something of a person, and what others may have
 * said of one are left to the entry's personal values: nothing of a person stands here but ids, as in the entry itself.
 */
export function askedText(draft: AuditDraft, nextSalt: () => Uint8Array): AskedText | null {
  if (draft.request === null || draft.request === undefined) return null
  const { facts, moved: found } = foundFacts(draft.request)
  const moved = [...found, ...saidFacts(draft, draft.request)]
  const asked = moved.length === 0 ? draft.request : withoutFacts(draft.request, moved)
  const text = written(draft, { asked, moved, nextSalt })
  if (fitsBytes(text, askedBytesMax)) return { text, facts }
  const salt = saltText(nextSalt)
  const tooLong = { v: askedVersions.plain, tooLong: Buffer.byteLength(text, 'utf8'), s: salt }
  return { text: JSON.stringify(tooLong), facts: [] }
}

const saltText = (nextSalt: () => Uint8Array): string => Buffer.from(nextSalt()).toString('base64url')

/** Facts of the call that its caller has said in the very same words: they stand with the input. */
function saidFacts(draft: AuditDraft, { context }: DecisionRequest): MovedFact[] {
  const said = Object.entries(context)
    .filter(([field, value]) => typeof value !== 'string' && isSayable(value) && isPersonalField(draft.action, field))
    .filter(([field, value]) => JSON.stringify(value) === JSON.stringify(draft.input[field]))
    .map(([field]): MovedFact => [field, 'json'])
  // the last: whatever stands in the thing is found by its id
  return isThingInInput(draft) ? [...said, [thingInInput, 'text']] : said
}

interface Writing {
  readonly asked: DecisionRequest
  readonly moved: readonly MovedFact[]
  readonly nextSalt: () => Uint8Array
}

function written(draft: AuditDraft, { asked: request, moved: facts, nextSalt }: Writing): string {
  const [shown, moved]: [[string, CedarValue][], string[]] = [[], []]
  for (const [field, value] of Object.entries(request.context)) {
    if (isPersonal(draft, field, value)) moved.push(field)
    else shown.push([field, value])
  }
  const before: Omit<Asked, 'e' | 'x' | 's'> = {
    v: facts.length === 0 ? askedVersions.plain : askedVersions.moved,
    p: textOf(request.principal),
    a: request.action,
    r: textOf(request.resource),
    c: Object.fromEntries(shown),
    m: moved,
  }
  const after: Pick<Asked, 'x' | 's'> = { ...(facts.length === 0 ? {} : { x: facts }), s: saltText(nextSalt) }
  const { json } = writtenEntities(request.entities)
  return `${JSON.stringify(before).slice(0, -1)},"e":${json},${JSON.stringify(after).slice(1)}`
}

const writtenEntities = madeOnce((entities: DecisionRequest['entities']) => ({
  json: JSON.stringify(entities.map(shortEntity)),
}))

/** What stands in the entry for what was asked: its SHA-256, base64url. */
export const askedHash = (text: string): string => hash('sha256', text, 'base64url')

/** Whether the very same value is kept with the entry's personal ones. */
function isPersonal({ call, input, action }: AuditDraft, field: string, value: CedarValue): boolean {
  if (field === 'ip') return call.address !== '' && addressIn(value) === shortText(call.address)
  if (!isPersonalField(action, field)) return false
  return typeof value === 'string' && value !== '' && value === input[field] && cleanText(value) === value
}

/** Where a moved field stands among the personal values. */
const placeOf = (field: string): string => (field === 'ip' ? 'ip' : `input.${field}`)

const addressIn = (value: CedarValue | undefined): string | null =>
  typeof value === 'object' && '__extn' in value
    ? (value as { readonly __extn: { readonly fn: string; readonly arg: string } }).__extn.arg // `in` has just looked
    : null

const textOf = ({ type, id }: EntityUid): EntityText => `${type}::${id}`

function shortEntity({ uid: self, attrs, parents }: CedarEntity): AskedEntity {
  if (parents.length > 0) return [textOf(self), attrs, parents.map(textOf)]
  return Object.keys(attrs).length > 0 ? [textOf(self), attrs] : [textOf(self)]
}

/** Why a recorded decision cannot be decided again. */
export type Unreplayable = 'not-recorded' | 'too-long' | 'erased'

/** What was asked, or why that is not known any more. */
export type ReadAsked = { readonly request: DecisionRequest } | { readonly missing: Unreplayable }

/** Reads what stands beside an entry, with the entry's personal values by their fields. */
export function readAsked(text: string | null, personal: ReadonlyMap<string, string>): ReadAsked {
  const asked = text === null ? null : parseAsked(text)
  if (asked === null) return { missing: 'not-recorded' }
  if (asked === 'too-long') return { missing: 'too-long' }
  const moved = asked.m.map((field) => [field, personal.get(placeOf(field))] as const)
  if (moved.some(([, value]) => value === undefined)) return { missing: 'erased' }
  const context = { ...asked.c, ...Object.fromEntries(moved.map(([field, value]) => [field, clear(field, value)])) }
  // those that lie in the thing come after its id is there again
  const facts = (asked.x ?? []).toReversed()
  const request = withFacts(requestIn(asked, context), facts, (name) => personal.get(`input.${name}`))
  return request === null ? { missing: 'erased' } : { request }
}

const requestIn = (asked: Asked, context: DecisionRequest['context']): DecisionRequest => ({
  principal: entityIn(asked.p),
  action: asked.a as DecisionRequest['action'], // as it was asked; one that is declared no more the engine refuses
  resource: entityIn(asked.r),
  context,
  entities: asked.e.map(([self, attrs = {}, parents = []]) => ({
    uid: entityIn(self),
    attrs,
    parents: parents.map(entityIn),
  })),
})

const clear = (field: string, value = ''): CedarValue => (field === 'ip' ? extension('ip', value) : value)

function entityIn(text: EntityText): EntityUid {
  const [type = '', ...id] = text.split('::')
  return uid(type, id.join('::'))
}

/** Whoever owns the database may have put anything there: what has not our form was not recorded by us. */
function parseAsked(text: string): Asked | 'too-long' | null {
  try {
    const parsed: unknown = JSON.parse(text)
    if (typeof parsed !== 'object' || parsed === null || !('v' in parsed) || !knownVersions.has(parsed.v)) return null
    if ('tooLong' in parsed) return 'too-long'
    return isAsked(parsed) ? parsed : null
  } catch {
    return null
  }
}

const knownVersions: ReadonlySet<unknown> = new Set(Object.values(askedVersions))

function isAsked(value: object): value is Asked {
  const { p, a, r, c, m, e, x = [] } = value as Partial<Record<keyof Asked, unknown>> // looked at below
  const texts = [p, a, r].every((text) => typeof text === 'string')
  const isContext = typeof c === 'object' && c !== null && !Array.isArray(c) && isTexts(m)
  return texts && isContext && Array.isArray(e) && e.every(isAskedEntity) && Array.isArray(x) && x.every(isMoved)
}

function isAskedEntity(value: unknown): value is AskedEntity {
  if (!Array.isArray(value)) return false
  const [self, attrs = {}, parents = []] = value as readonly unknown[]
  return typeof self === 'string' && typeof attrs === 'object' && attrs !== null && isTexts(parents)
}

const isMoved = (value: unknown): value is MovedFact =>
  isTexts(value) && value.length === 2 && (value[1] === 'text' || value[1] === 'json')

const isTexts = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((text) => typeof text === 'string')
