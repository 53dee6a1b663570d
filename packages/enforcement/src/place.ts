import { isOpenAt, isWithin, localTimeIn, parseNetwork, parseOpenHours, type OpenHours } from '@gatehouse/kit'

/** Who can be called, from when to before when. */
export interface Shift {
  readonly userId: string
  readonly from: Date
  readonly to: Date
}

/** Where and when people work in a workspace: what its calendar and its environment say. */
export interface Place {
  readonly timeZone: string
  readonly businessHours: readonly OpenHours[]
  /** Dates there, as `2026-12-24`. */
  readonly holidays: readonly string[]
  readonly onCall: readonly Shift[]
  /** Networks that count as one's own, as CIDR; none: every address does. */
  readonly networks: readonly string[]
}

/** The hours of a workspace whose calendar nobody has set. */
export const commonHoursText: readonly string[] = ['mon-fri 08:00-18:00']

/** Hours as they are stored. What is no longer understood opens nothing. */
export const readHours = (texts: readonly string[]): readonly OpenHours[] =>
  texts.flatMap((text) => parseOpenHours(text) ?? [])

/**
 * Of what stands in no workspace: common hours by UTC, nobody on call. No network is its own, so that a policy which
 * wants one denies.
 */
const nowhere: Place = {
  timeZone: 'UTC',
  businessHours: readHours(commonHoursText),
  holidays: [],
  onCall: [],
  networks: [],
}

/** What policies may ask about the hour and the place of a call. */
export interface PlaceFacts {
  readonly localHour: number
  readonly localDay: string
  readonly businessHours: boolean
  readonly weekend: boolean
  readonly holiday: boolean
  readonly onCall: boolean
  readonly corporateNetwork: boolean
}

/** The types of these facts in the schema of policies. */
export const placeFactsSchema = {
  localHour: 'Long',
  localDay: 'String',
  businessHours: 'Bool',
  weekend: 'Bool',
  holiday: 'Bool',
  onCall: 'Bool',
  corporateNetwork: 'Bool',
} as const satisfies Record<keyof PlaceFacts, string>

/** Who calls from where at which moment. */
export interface CallPlace {
  readonly now: Date
  readonly address: string
  readonly principalId: string
}

/**
 * The facts of a place at one moment, by the clock on the wall there. Business hours are those of its calendar on days
 * that are no holiday.
 */
export function placeFacts(place: Place | null, { now, address, principalId }: CallPlace): PlaceFacts {
  const { timeZone, businessHours, holidays, onCall, networks } = place ?? nowhere
  const local = localTimeIn(timeZone, now)
  const holiday = holidays.includes(local.date)
  return {
    localHour: local.hour,
    localDay: local.day,
    businessHours: !holiday && isOpenAt(businessHours, local),
    weekend: local.day === 'sat' || local.day === 'sun',
    holiday,
    onCall: onCall.some(({ userId, from, to }) => userId === principalId && from <= now && now < to),
    corporateNetwork: place !== null && (networks.length === 0 || networks.some((one) => holdsAddress(one, address))),
  }
}

function holdsAddress(cidr: string, address: string): boolean {
  const network = parseNetwork(cidr)
  return network !== null && isWithin(network, address)
}
