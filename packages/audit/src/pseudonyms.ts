import type { Store } from '@gatehouse/database'
import type { SubjectKeys } from './subject-keys.ts'
import { selectSubjects } from './subject-keys.queries.ts'

/**
 * What tells who somebody is, by how a pseudonym of it begins. Programs are nobody, and whatever else there is has an
 * owner that its own operations tell to whom they may.
 */
const prefixes = { User: 'person', Session: 'session', Authenticator: 'authenticator', ApiToken: 'token' } as const

/** Types whose ids stand for people. */
export const peopleTypes: readonly string[] = Object.keys(prefixes)

/** Short enough to be read out and to stand in a table; of a million people no two share one. */
const pseudonymBytes = 8

/** Stand in the place of people for who may not know them: the same for the same person in this whole Gatehouse. */
export interface Pseudonyms {
  /** What stands for an id of a type; the id itself where it stands for nobody. */
  of(type: string, id: string): string
  /** Whose a pseudonym is, by their id; null: nobody's whom the audit log still knows. */
  findPerson(pseudonym: string): Promise<string | null>
}

/** Whether a text has the form of a person's pseudonym. */
export const isPseudonym = (text: string): boolean => /^person-[0-9a-f]{16}$/.test(text)

/**
 * An HMAC under the key of look-ups, which lies sealed in the database: who has the ids of all people and no key cannot
 * tell which is whose. No text that is looked up holds a NUL, so no look-up is ever one of these.
 */
export function createPseudonyms({
  db,
  subjectKeys,
}: {
  readonly db: Store
  readonly subjectKeys: Pick<SubjectKeys, 'lookupOf'>
}): Pseudonyms {
  const of = (type: string, id: string): string => {
    const prefix = type in prefixes ? prefixes[type as keyof typeof prefixes] : null // `in` has just looked
    if (prefix === null || id === '') return id
    const code = subjectKeys.lookupOf(`pseudonym\0${type}\0${id}`).subarray(0, pseudonymBytes)
    return `${prefix}-${code.toString('hex')}`
  }
  return {
    of,
    findPerson: async (pseudonym) => {
      if (!isPseudonym(pseudonym)) return null
      const subjects = await selectSubjects(db)
      return subjects.find((id) => of('User', id) === pseudonym) ?? null
    },
  }
}
