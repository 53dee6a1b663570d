import { Refusal } from '@gatehouse/contract'
import type { Handler } from '@gatehouse/enforcement'
import { readCertificate } from './ssh-certificate.queries.ts'
import type { SshDeps } from './ssh-deps.ts'
import { toCertificate } from './ssh-view.ts'

/** Puts a certificate's serial on the revocation list; hosts refuse it from the moment they fetch the list. */
export const revokeSshCertificate =
  ({ db, clock, leases }: SshDeps): Handler<'sshCertificate.revoke'> =>
  async (permit) => {
    const certificate = await readCertificate(db, permit.input.id)
    if (certificate === null) throw new Refusal('not-found')
    await leases.revoke(permit, { id: certificate.lease_id, reason: permit.input.reason })
    return toCertificate((await readCertificate(db, certificate.id)) ?? certificate, clock.now())
  }
