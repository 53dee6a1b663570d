import { Refusal, type Input } from '@gatehouse/contract'
import type { Store } from '@gatehouse/database'
import type { Handler } from '@gatehouse/enforcement'
import { readRevocationVersion } from './ssh-certificate.queries.ts'
import type { SshDeps } from './ssh-deps.ts'
import { refuseAhead, requireProvedHost } from './proved-host.ts'
import { noteReport, type SshHostRow } from './ssh-host.queries.ts'
import { HOST_REPORT_NAMESPACE, hostReportText } from './wire/index.ts'

/**
 * Takes down what a host says of itself. Its pinned key has signed it; and since reports go forward by our own time,
 * one that was kept back says nothing of a later one. Only other CAs than before are an entry: that a host was heard,
 * and has taken a list, is an observation, as a contact is. Every connection that ends makes a list, and each comes to
 * each host.
 */
export const reportSshHost =
  ({ db, change, clock }: SshDeps): Handler<'sshHost.report'> =>
  async (permit) => {
    const { input } = permit
    const now = clock.now()
    const host = await requireProvedHost(db, {
      ...input,
      namespace: HOST_REPORT_NAMESPACE,
      message: hostReportText(input),
    })
    refuseAhead(input.heardAt, now)
    const report = { ...input, fresh: await wasFresh(db, input), reportedAt: now }
    const note = async (store: Store): Promise<void> => {
      if (!(await noteReport(store, host, report)))
        throw new Refusal('conflict', { hint: 'this host has sent a newer report already' })
    }
    if (isSame(host, input)) await note(db)
    else
      await change(permit, note, () => ({
        resource: { type: 'SshHost', id: host.id },
        workspace: host.workspace_id,
        detail: { host: host.name, listVersion: input.listVersion, trusts: input.trusts },
      }))
    return { listVersion: input.listVersion }
  }

/** Whether it had the newest list of the time at which it heard of us. */
async function wasFresh(db: Store, { listVersion, heardAt }: Input<'sshHost.report'>): Promise<boolean> {
  const newest = await readRevocationVersion(db)
  return listVersion >= Number(heardAt < newest.changed_at ? newest.previous_version : newest.version)
}

const isSame = (host: SshHostRow, { trusts }: Input<'sshHost.report'>): boolean =>
  JSON.stringify(host.trusted_cas) === JSON.stringify(trusts)
