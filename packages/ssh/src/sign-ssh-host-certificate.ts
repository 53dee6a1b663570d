import { Refusal } from '@gatehouse/contract'
import type { Handler } from '@gatehouse/enforcement'
import { certifyHost, toHostCertificate } from './host-certificate.ts'
import { isAdmin } from './host-identity.ts'
import { decidedHost, refuseOtherWorkspace, requireKeySeen } from './issue-terms.ts'
import type { SshDeps } from './ssh-deps.ts'
import { findHostCalled, holdHostIdentities } from './ssh-host.queries.ts'
import { requireLiving } from './update-ssh-host.ts'

/**
 * Certifies that a host's pinned key belongs to these names. Clients that trust the host CA believe it without having
 * seen the host, so the host has proved its key to us, and none of the names is another host's.
 */
export const signSshHostCertificate =
  (deps: SshDeps): Handler<'sshHostCertificate.sign'> =>
  async (permit) => {
    const { input, principal } = permit
    const decided = await decidedHost(deps.db, permit)
    refuseOtherWorkspace(decided, input.workspace, permit.slice?.workspace ?? null)
    await requireKeySeen(deps.hosts, decided)
    const row = await deps.change(
      permit,
      async (tx) => {
        await holdHostIdentities(tx)
        const host = await requireLiving(tx, decided.id)
        const names = [...new Set((input.names ?? [host.address, host.name]).map((name) => name.toLowerCase()))]
        const other = await findHostCalled(tx, { called: names, except: host.id })
        if (other !== null)
          throw new Refusal('conflict', {
            hint: isAdmin(principal)
              ? `the host \`${other.name}\` of workspace \`${other.workspace_id}\` has one of these names`
              : 'another host has one of these names; an Admin can see which',
          })
        return certifyHost(deps, tx, { host, terms: { names, ttlSeconds: input.ttlSeconds } })
      },
      (written) => ({
        workspace: decided.workspace_id,
        detail: { host: written.name, names: written.certified_names, until: written.certified_until?.toISOString() },
      }),
    )
    return toHostCertificate(row)
  }
