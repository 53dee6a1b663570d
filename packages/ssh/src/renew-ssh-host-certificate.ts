import { invalidField, Refusal } from '@gatehouse/contract'
import type { Handler } from '@gatehouse/enforcement'
import { certifyHost, requireCertified, toHostCertificate } from './host-certificate.ts'
import { refuseAhead, requireProvedHost } from './proved-host.ts'
import type { SshDeps } from './ssh-deps.ts'
import { findCalledAsCertified, holdHostIdentities } from './ssh-host.queries.ts'
import { HOST_CERTIFICATE_NAMESPACE, hostRenewalText } from './wire/index.ts'

/** A proof is for now: one that was made long ago may be somebody else's by now. */
const proofMillisecondsMax = 600_000

/** A host asks every day; before half of its time is over it is given the certificate that it has. */
const renewedAfterShare = 0.5

/**
 * Renews the certificate of a host that proves its pinned key: for the names and the time that a person has signed it
 * for, and for no others; nor for one that is another host's by now.
 */
export const renewSshHostCertificate =
  (deps: SshDeps): Handler<'sshHostCertificate.renew'> =>
  async (permit) => {
    const { input } = permit
    const now = deps.clock.now()
    const host = await requireProvedHost(deps.db, {
      ...input,
      namespace: HOST_CERTIFICATE_NAMESPACE,
      message: hostRenewalText(input),
    })
    refuseAhead(input.heardAt, now)
    if (now.getTime() - input.heardAt.getTime() > proofMillisecondsMax)
      throw invalidField('heardAt', 'the time that came with an answer of `/ssh/krl` of the last ten minutes')
    const { terms, until } = requireCertified(host)
    if (until.getTime() - now.getTime() > (1 - renewedAfterShare) * terms.ttlSeconds * 1000)
      return toHostCertificate(host)
    const row = await deps.change(
      permit,
      async (tx) => {
        await holdHostIdentities(tx)
        if ((await findCalledAsCertified(tx, { ...host, names: terms.names })) !== null)
          throw new Refusal('conflict', {
            hint: 'another host has one of these names by now: gatehouse ssh-host-certificate sign, with its own',
          })
        return certifyHost(deps, tx, { host, terms })
      },
      (written) => ({
        resource: { type: 'SshHost', id: host.id },
        workspace: host.workspace_id,
        detail: { host: host.name, names: written.certified_names, until: written.certified_until?.toISOString() },
      }),
    )
    return toHostCertificate(row)
  }
