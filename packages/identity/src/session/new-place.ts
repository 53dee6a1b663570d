import { addressKey, deviceWords } from '@gatehouse/kit'
import type { Transaction } from '@gatehouse/database'
import type { Notice } from '../notices/notice.queries.ts'
import { selectPlaces } from './session.queries.ts'

/**
 * More sessions than these are not looked through: who logs in so often by machine gets a notice too many, not too few.
 */
const placesMax = 200

/** As long as ended sessions are kept: of an older person without any, nothing is known, and that is news. */
const keptMilliseconds = 30 * 86_400_000

/** What a program calls itself may be longer than anybody reads in a notice. */
const deviceCharactersMax = 80

export interface Place {
  readonly address: string
  readonly user_agent: string
}

/**
 * What to tell a person whose new session comes from where, or with what, none of theirs came from lately; null:
 * nothing new.
 */
export async function noticeOfNewPlace(
  tx: Transaction,
  session: Place & { readonly id: string; readonly user_id: string; readonly created_at: Date },
): Promise<Notice | null> {
  const { places, since } = await selectPlaces(tx, { userId: session.user_id, first: placesMax })
  const isNew =
    places.length === 0
      ? // the very first log-in of somebody who has just come is no news to them
        since !== null && session.created_at.getTime() - since.getTime() > keptMilliseconds
      : !places.some((place) => isSamePlace(place, session))
  if (!isNew) return null
  const device = deviceWords(session.user_agent).slice(0, deviceCharactersMax)
  return {
    userId: session.user_id,
    kind: 'newSession',
    text:
      `A new session was opened for your account from ${session.address} with ${device}. If that was not you, ` +
      `end it (gatehouse session revoke ${session.id}) and change your password.`,
  }
}

/** The same device at the same place. */
export const isSamePlace = (one: Place, other: Place): boolean =>
  addressKey(one.address) === addressKey(other.address) && deviceOf(one.user_agent) === deviceOf(other.user_agent)

/** What a program calls itself, without its versions: an update is no new device. */
const deviceOf = (userAgent: string): string => userAgent.replaceAll(/\d[\d._]*/g, '').toLowerCase()
