import { isSayable, thingInInput } from '@gatehouse/audit'
import { platformTypes, resourceTypes } from '@gatehouse/contract'
import { baseContextSchema, type CedarValue, type EntityUid } from '@gatehouse/enforcement'
import { isUuid } from '@gatehouse/kit'
import type { Finding } from './question.ts'

/** Fields of the context that only the server fills. */
export const serverFacts: readonly string[] = [...Object.keys(baseContextSchema), 'approval', 'emergency']

/**
 * What a question said of the call, and the id of the thing where it may be a person's. It is what the entry has as its
 * input: all of it stands sealed, apart from what the decision was made of. What was said of the thing itself the audit
 * log finds there by its own rules.
 */
export function saidInQuestion(
  { request, resource: found }: Pick<Finding, 'request' | 'resource'>,
  resource: EntityUid,
): Readonly<Record<string, CedarValue>> {
  const said = Object.entries(request?.context ?? {}).filter(
    ([name, value]) => isSayable(value) && !serverFacts.includes(name),
  )
  const isAmong = request?.entities.some(({ uid }) => uid.type === resource.type && uid.id === resource.id) ?? true
  const isKnown = found !== null && isAmong
  return { ...Object.fromEntries(said), ...(isThing(resource, isKnown) ? {} : { [thingInInput]: resource.id }) }
}

const isOneOf = (types: readonly string[], type: string): boolean => types.includes(type)

/**
 * Whether an id says which thing is meant, and nothing of a person. Of our own things those that there are: all else is
 * only what somebody typed. The platform calls its machines by names, in which there are no blanks and no `@`. What a
 * site calls things of types of its own nobody here knows: a letter box has a person's address.
 */
function isThing({ type, id }: EntityUid, isKnown: boolean): boolean {
  if (isUuid(id)) return true
  if (isOneOf(resourceTypes, type)) return isKnown
  return isOneOf(platformTypes, type) && /^[A-Za-z0-9][A-Za-z0-9._:/-]*$/.test(id)
}
