import type { Store } from '@gatehouse/database'
import type { Clock, Sealer } from '@gatehouse/enforcement'
import { tokenPlace } from '../../directory/invitation-token.ts'
import { claimInvitationMail, claimNoticeMail, noteMailed, postponeMail, type ClaimedMail } from './mail.queries.ts'
import { invitationMail, noticeMail } from './mail-text.ts'
import type { Mail, Mailer } from './mailer.ts'

export interface MailDeps {
  readonly db: Store
  readonly clock: Clock
  readonly sealer: Sealer
  readonly mailer: Mailer
  readonly publicUrl: string
}

/** A claim older than this is that of a process that died: twice the longest attempt. */
const claimSeconds = 120
/**
 * Older notices are no news: when mail is set up, or back after a week, nobody gets the past by mail. They stay in the
 * list.
 */
const newsSeconds = 24 * 3600
/** After a failure: half a minute, then twice as long each time, and never longer than an hour. */
const pauseSecondsBase = 30
const pauseSecondsMax = 3600
/** Longer than invitations live and notices are news: what is due then is never due. */
const neverSeconds = 30 * 86_400

/**
 * Sends one mail that waits, if one does; answers whether one did. The claim is committed before anything is sent, and
 * the success after it:
 * a process that dies in between may have sent it, and another sends it again with the same message id. Better twice
 * than never, and
 * never twice knowingly. Throws `MailError` when the server did not take it; it is tried again later.
 */
export async function deliverOne(deps: MailDeps): Promise<boolean> {
  const claimed = await claim(deps)
  if (claimed === null) return false
  const wait = (seconds: number): Promise<void> =>
    postponeMail(deps.db, { ...claimed, dueAt: secondsAfter(deps.clock.now(), seconds) })
  try {
    if ((await deps.mailer.send(mailOf(deps, claimed))) === 'taken')
      await noteMailed(deps.db, { ...claimed, now: deps.clock.now() })
    else await wait(neverSeconds)
  } catch (error) {
    await wait(Math.min(pauseSecondsMax, pauseSecondsBase * 2 ** (claimed.attempts - 1)))
    throw error
  }
  return true
}

async function claim({ db, clock }: MailDeps): Promise<ClaimedMail | null> {
  const now = clock.now()
  const at = { now, lapsedBefore: secondsAfter(now, -claimSeconds), newsSince: secondsAfter(now, -newsSeconds) }
  return (await claimInvitationMail(db, at)) ?? claimNoticeMail(db, at)
}

function mailOf({ sealer, publicUrl }: MailDeps, claimed: ClaimedMail): Mail {
  if (claimed.source === 'notification') return noticeMail(publicUrl, claimed)
  return invitationMail(
    publicUrl,
    claimed,
    Buffer.from(sealer.unseal(tokenPlace(claimed.id), claimed.token)).toString('utf8'),
  )
}

const secondsAfter = (at: Date, seconds: number): Date => new Date(at.getTime() + seconds * 1000)
