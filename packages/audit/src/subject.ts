import type { AuditDraft } from '@gatehouse/enforcement'
import { nameOf } from '@gatehouse/enforcement'
import { isUuid } from '@gatehouse/kit'
import { shortText, type Recordable } from './recordable.ts'
import { at, textAt, type StoredEntry } from './stored-entry.ts'

/** Whom personal values are about: the id of a person or program. */
export interface Subject {
  readonly id: string
  /** What they go by; null: it is not known here. */
  readonly name: string | null
}

/** The two parts of an entry's personal values, each about somebody of its own. */
export type PersonalPart = 'caller' | 'input'

/** Whom the parts of an entry are about. */
export type Subjects = Readonly<Record<PersonalPart, Subject>>

/** Whoever is not known: values of all strangers share one key, and leave with their entries. */
export const strangers = 'anonymous'

/**
 * The caller's values as all entries of a session in a minute have them: sealed once, and kept with each. For whoever
 * reads them they are the caller's part.
 */
export const sessionPart = 'caller-in-session'

/** Which part a field belongs to. */
export const partOf = (field: string): PersonalPart => (field.startsWith('input.') ? 'input' : 'caller')

interface Facts {
  readonly principal: { readonly type: string; readonly id: string; readonly name: string | null }
  readonly resource: { readonly type: string; readonly id: string }
  /** `detail.user`: who an unknown caller turned out to be. */
  readonly user: unknown
}

/**
 * The caller's address is the caller's; of an unknown one, it is that of the person whom the call was about: who logs
 * in is nobody yet. What is said about a person is that person's, whoever says it.
 */
function subjectsFrom({ principal, resource, user }: Facts): Subjects {
  const about = resource.type === 'User' && isUuid(resource.id) ? resource.id : null
  const turnedOut = about ?? (typeof user === 'string' && isUuid(user) ? user : strangers)
  const caller =
    principal.type === 'Anonymous' ? { id: turnedOut, name: null } : { id: principal.id, name: principal.name }
  return { caller, input: about === null || about === caller.id ? caller : { id: about, name: null } }
}

/** Whom a draft is about. */
export const subjectsOf = ({ principal, resource, detail }: AuditDraft): Subjects =>
  subjectsFrom({
    principal: { type: principal.type, id: shortText(principal.id), name: nameOf(principal) },
    resource,
    user: detail?.['user'],
  })

/** Whom an entry is about that was written before. */
export function subjectsOfStored(entry: StoredEntry, name: string | null): Subjects {
  const text = (...path: readonly string[]): string => textAt(entry, ...path) ?? ''
  const user: Recordable | undefined = at(entry, 'detail', 'user')
  return subjectsFrom({
    principal: { type: text('principal', 'type'), id: text('principal', 'id'), name },
    resource: { type: text('resource', 'type'), id: text('resource', 'id') },
    user,
  })
}
