import { Refusal } from '@gatehouse/contract'
import { canonicalIp } from '@gatehouse/kit'
import { uid, type Handler } from '@gatehouse/enforcement'
import { lockOverCredential } from './locked-credential.ts'
import type { SshDeps } from './ssh-deps.ts'
import { otpHash } from './ssh-otp-text.ts'
import { spendOtp, spoilOtp, type ShownOtp, type SshOtpRow } from './ssh-otp.queries.ts'

/** What a helper sends to see whether it reaches us, and what it wants to hear; Vault's own words. */
const echo = { asked: 'verify-echo-request', answered: 'verify-echo-response' } as const

/**
 * Answers a host that asks about a password somebody showed it. A password is spent by the first who shows it, whatever
 * comes of it: one that was typed at another host, for another account, from elsewhere or while it is locked is known
 * to whom it was not for. All that is not good is refused alike, so that nobody learns what was wrong.
 */
export const verifySshOtp =
  (deps: SshDeps): Handler<'sshOtp.verify'> =>
  async (permit) => {
    const { input, call } = permit
    if (input.otp.expose() === echo.asked) {
      await deps.change(
        permit,
        () => Promise.resolve(),
        () => ({ detail: { echo: true } }),
      )
      return { message: echo.answered, username: null, ip: null, role: null }
    }
    const hash = otpHash(input.otp)
    const askedFrom = canonicalIp(call.address)
    if (hash === null || askedFrom === null) throw notGood()
    const shown: ShownOtp = {
      hash,
      askedFrom,
      account: input.account ?? null,
      clientAddress: input.clientAddress ?? null,
      hostFingerprint: input.hostFingerprint ?? null,
      now: deps.clock.now(),
    }
    const { row, role } = await deps
      .change(permit, (tx) => spend(deps, tx, shown), noteOf)
      .catch(async (error) => {
        if (error instanceof Refusal && error.code === 'invalid-credentials') await spoil(deps, shown)
        throw error
      })
    return { message: null, username: row.user_name, ip: row.address, role }
  }

type Spent = { readonly row: SshOtpRow; readonly role: string }

async function spend(deps: SshDeps, tx: Parameters<typeof spendOtp>[0], shown: ShownOtp): Promise<Spent> {
  const row = await spendOtp(tx, shown)
  if (row === null) throw notGood()
  const [lease] = await deps.leases.settleGone(tx, [row.lease_id])
  if (lease === undefined) throw notGood()
  const given = { role: lease.role, holderId: lease.principal_id, hostId: row.host_id, fingerprint: null }
  if ((await lockOverCredential(deps, tx, given)) !== null) throw notGood()
  return { row, role: lease.role }
}

const noteOf = ({ row }: Spent) => ({
  resource: uid('Lease', row.lease_id),
  workspace: row.workspace_id,
  detail: { host: row.host_id },
})

/** In a transaction of its own: the refusal that follows must not undo it. */
async function spoil({ db, change, leases }: SshDeps, shown: ShownOtp): Promise<void> {
  await db.transaction().execute(async (tx) => {
    const misused = await spoilOtp(tx, shown)
    if (misused === null) return
    await leases.settleGone(tx, [misused.lease_id])
    const wrong = (['host', 'account', 'client'] as const).filter((thing) => !misused[thing])
    await change.event(tx, {
      name: 'sshOtp.misused',
      resource: uid('Lease', misused.lease_id),
      workspace: misused.workspace_id,
      // where all fits, it is locked
      detail: { host: misused.host_id, wrong: wrong.length === 0 ? ['locked'] : wrong },
    })
  })
}

const notGood = (): Refusal => new Refusal('invalid-credentials', { hint: 'the one-time password is not good here' })
