import type { Random } from '@gatehouse/enforcement'
import { commitmentTo, saltBytes, type PersonalValue } from './commitment.ts'
import { canonical } from './canonical.ts'
import type { MadeEntry } from './entry.ts'
import type { Recordable } from './recordable.ts'
import { at as valueAt, isObject, parseStoredEntry, type StoredEntry } from './stored-entry.ts'
import { subjectsOfStored } from './subject.ts'

/** An intent without an outcome, with what is still known of its personal values. */
export interface OverdueIntent {
  readonly id: string
  readonly entry: string
  readonly deadline: Date
  readonly personal: readonly { readonly field: string; readonly value: string }[]
}

/**
 * The entry that closes an intent as `unknown`. It repeats who wanted what, so that it is found by the same searches;
 * personal values get
 * fresh salts, or stay out when they have been erased meanwhile.
 */
export function closingEntry({ intent, at, random }: { intent: OverdueIntent; at: Date; random: Random }): MadeEntry {
  const id = random.id()
  const personal = intent.personal.map(({ field, value }): PersonalValue => ({
    field,
    value,
    salt: random.bytes(saltBytes),
  }))
  const commitments = new Map(personal.map((value) => [value.field, { c: commitmentTo(value).c }]))
  const committed = (field: string): Recordable => commitments.get(field) ?? null
  const old: StoredEntry = parseStoredEntry(intent.entry) ?? {}
  const [principal, input] = [valueAt(old, 'principal'), valueAt(old, 'input')]
  const decision = valueAt(old, 'decision')
  const fields = {
    ...old,
    id,
    at: at.toISOString(),
    outcome: 'unknown',
    intent: intent.id,
    // what was asked stands with the intent
    decision: isObject(decision) ? withoutAsked(decision) : (decision ?? null),
    principal: { ...(isObject(principal) ? principal : {}), name: committed('principal.name') },
    ip: committed('ip'),
    userAgent: committed('userAgent'),
    input: Object.fromEntries(
      Object.entries(isObject(input) ? input : {}).map(([name, value]) => [
        name,
        commitments.get(`input.${name}`) ?? withoutCommitment(value),
      ]),
    ),
    detail: { event: 'audit.intentClosed', deadline: intent.deadline.toISOString() },
  }
  const name = personal.find(({ field }) => field === 'principal.name')?.value ?? null
  return { id, entry: canonical(fields), personal, ofSession: null, subjects: subjectsOfStored(old, name), asked: null }
}

function withoutAsked({ asked: _, ...rest }: { readonly [key: string]: Recordable }): Recordable {
  return rest
}

/** An erased value's old commitment would point at a salt that is gone. */
const withoutCommitment = (value: Recordable): Recordable =>
  isObject(value) && Object.keys(value).join() === 'c' ? null : value
