import { isOperationName, isPersonalField, operations, type Output } from '@gatehouse/contract'
import { isUuid } from '@gatehouse/kit'
import { peopleTypes, type Pseudonyms } from './pseudonyms.ts'

type Presented = Output<'audit.get'>

/**
 * What details may say to who does not see people: counts, states, and things that are nobody. What is not named here
 * is left out, for a detail can be anything.
 */
const shownDetails: ReadonlySet<string> = new Set([
  'lease',
  'leases',
  'host',
  'ended',
  'moved',
  'changed',
  'serial',
  'validBefore',
  'expiresAt',
  'deadline',
  'state',
  'stream',
  'kind',
  'count',
  'version',
  'policies',
  'passed',
  'failed',
  'reachable',
  'refusal',
  'unbound',
  'machineGone',
  'sessionsEnded',
  'tokensEnded',
  'leasesEnded',
])

/** What an entry shows of itself beside its people, when all that was sealed has been left out. */
interface Detail {
  readonly input?: unknown
  readonly detail?: unknown
}

/**
 * An entry of somebody else, for who does not see people. `entry` was presented without its personal values; names of
 * programs are nobody's.
 */
export function hidePeople(
  entry: Presented,
  { pseudonyms, name }: { readonly pseudonyms: Pseudonyms; readonly name: string | null },
): Presented {
  const { principal, resource } = entry
  const isPerson = principal.type !== 'Service'
  return {
    ...entry,
    principal: { ...principal, id: pseudonyms.of(principal.type, principal.id), name: isPerson ? null : name },
    resource: { ...resource, id: pseudonyms.of(resource.type, resource.id) },
    ip: null,
    sessionId: null,
    detail: detailWithoutPeople(entry),
    pseudonyms: true,
  }
}

function detailWithoutPeople({ action, detail, resource }: Presented): string {
  const rest = JSON.parse(detail) as Detail // written by `presentEntry`, as an object
  const thing = peopleTypes.includes(resource.type) ? null : resource.id
  return JSON.stringify({
    ...rest,
    input: mapped(rest.input, (name, value) => isDeclared(action, name) && isNobody(value, thing)),
    detail: mapped(rest.detail, (name, value) => shownDetails.has(name) && isFlat(value)),
    userAgent: null,
  })
}

/** The values that may be shown; of all others only that they are there. */
function mapped(fields: unknown, isShown: (name: string, value: unknown) => boolean): unknown {
  if (typeof fields !== 'object' || fields === null || Array.isArray(fields)) return null
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, isShown(name, value) ? value : null]))
}

const isScalar = (value: unknown): boolean => value === null || ['string', 'number', 'boolean'].includes(typeof value)
const isFlat = (value: unknown): boolean => (Array.isArray(value) ? value.every(isScalar) : isScalar(value))

/** What no declaration of today speaks of may be anything. */
const isDeclared = (action: string, field: string): boolean =>
  isOperationName(action) && Object.hasOwn(operations[action].input.shape, field) && !isPersonalField(action, field)

/** What is personal by declaration is left out; of the rest an id may still be somebody's. */
const isNobody = (value: unknown, thing: string | null): boolean =>
  isFlat(value) && [value].flat().every((one) => typeof one !== 'string' || !isUuid(one) || one === thing)
