import { invalidField, Refusal, type Input } from '@gatehouse/contract'
import type { Store } from '@gatehouse/database'
import type { Handler } from '@gatehouse/enforcement'
import { readRevocationVersion } from './ssh-certificate.queries.ts'
import type { SshDeps } from './ssh-deps.ts'
import { noteReport, readHostByKey, type SshHostRow } from './ssh-host.queries.ts'
import {
  fingerprint,
  HOST_REPORT_NAMESPACE,
  hostReportText,
  isSshSignatureOf,
  parsePublicKeyLine,
  SshWireError,
} from './wire/index.ts'

/** Nodes' clocks differ by less; a time further ahead was not given by any of them. */
const aheadMillisecondsMax = 5000

/**
 * Takes down what a host says of itself. Its pinned key has signed it; and since reports go forward by our own time,
 * one that was kept back says nothing of a later one. A host that has the same as before leaves no entry: that it was
 * heard is an observation, as a contact is.
 */
export const reportSshHost =
  ({ db, change, clock }: SshDeps): Handler<'sshHost.report'> =>
  async (permit) => {
    const { input } = permit
    const now = clock.now()
    const host = await requireReporter(db, input)
    if (input.heardAt.getTime() > now.getTime() + aheadMillisecondsMax)
      throw invalidField('heardAt', 'the time that came with the last answer of `/ssh/krl`')
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

/** Whoever has no host's key learns nothing of which there are: an unknown key and a wrong signature are one refusal. */
async function requireReporter(db: Store, report: Input<'sshHost.report'>): Promise<SshHostRow> {
  const host = await readHostByKey(db, report.fingerprint)
  if (host === null || !isSignedBy(host, report))
    throw new Refusal('host-key-mismatch', { hint: 'a report is signed by the key that is pinned for its host' })
  return host
}

function isSignedBy({ host_key }: SshHostRow, report: Input<'sshHost.report'>): boolean {
  const key = parsePublicKeyLine(host_key)
  if (fingerprint(key) !== report.fingerprint) return false
  const message = hostReportText(report)
  try {
    return isSshSignatureOf(key, { message, namespace: HOST_REPORT_NAMESPACE }, Buffer.from(report.signature, 'base64'))
  } catch (error) {
    if (error instanceof SshWireError) return false
    throw error
  }
}

/** Whether it had the newest list of the time at which it heard of us. */
async function wasFresh(db: Store, { listVersion, heardAt }: Input<'sshHost.report'>): Promise<boolean> {
  const newest = await readRevocationVersion(db)
  return listVersion >= Number(heardAt < newest.changed_at ? newest.previous_version : newest.version)
}

const isSame = (host: SshHostRow, { listVersion, trusts }: Input<'sshHost.report'>): boolean =>
  host.list_version === String(listVersion) && JSON.stringify(host.trusted_cas) === JSON.stringify(trusts)
