import { invalidField, resourceTypes } from '@gatehouse/contract'
import { anonymous, nameOf } from '@gatehouse/enforcement'
import { isPseudonym, peopleTypes } from './pseudonyms.ts'
import type { Reader } from './reader.ts'

/** What of a search can name somebody. */
interface Naming {
  readonly actor?: string | undefined
  readonly ip?: string | undefined
  readonly session?: string | undefined
  readonly resource?: string | undefined
  readonly sort?: string | undefined
}

const why = 'people are shown to you by pseudonyms'

/**
 * Refuses to look for, or to sort by, what a reader is not shown: what is found by a name says whose it is. One's own
 * is one's own, and a pseudonym names nobody.
 */
export function refuseNaming({ principal, pseudonyms }: Reader, asked: Naming): void {
  if (pseudonyms === null) return
  const { actor, ip, session, resource, sort } = asked
  const own = [principal.id, nameOf(principal)?.toLowerCase(), anonymous.id]
  if (actor !== undefined && !isPseudonym(actor) && !own.includes(actor.toLowerCase()))
    throw invalidField('actor', `a pseudonym that an entry shows, or yourself: ${why}`)
  if (ip !== undefined) throw invalidField('ip', `left out: ${why}, and an address can tell who somebody is`)
  if (session !== undefined && (principal.type !== 'User' || session !== principal.session.id))
    throw invalidField('session', `the session that you are in, or left out: ${why}`)
  if (resource !== undefined && namesPerson(resource))
    throw invalidField('resource', `a type alone, or a thing that is nobody's: ${why}`)
  if (sort === 'actor') throw invalidField('sort', `one of: newest, oldest, action; ${why}`)
}

const namesPerson = (resource: string): boolean => {
  const [type = '', id] = resource.split('::')
  return id !== undefined && (peopleTypes.includes(type) || !(resourceTypes as readonly string[]).includes(type))
}

/** Whether a saved search could be run by a reader. */
export function namesNobody(reader: Reader, filters: Naming): boolean {
  try {
    refuseNaming(reader, filters)
    return true
  } catch {
    return false
  }
}
