import { invalidField, Refusal } from '@gatehouse/contract'
import type { Store } from '@gatehouse/database'
import type { Permit } from '@gatehouse/enforcement'
import type { Hosts } from './apply-host.ts'
import { hostRefusal } from './host-refusal.ts'
import { readHost, type SshHostRow } from './ssh-host.queries.ts'
import { SshWireError } from './wire/index.ts'

/** The host that was decided on. */
export async function decidedHost(
  db: Store,
  permit: Pick<
    Permit<
      | 'sshKey.generate'
      | 'sshKey.cleanup'
      | 'sshCertificate.sign'
      | 'sshOtp.issue'
      | 'sshHost.get'
      | 'sshHost.check'
      | 'sshHost.update'
      | 'sshHost.repin'
      | 'sshHost.remove'
      | 'sshHostCertificate.sign'
    >,
    'slice'
  >,
): Promise<SshHostRow> {
  const host = permit.slice === null ? null : await readHost(db, permit.slice.resource.id)
  if (host === null || host.removed_at !== null) throw new Refusal('not-found')
  return host
}

/** A lease is in its host's workspace: that is where it was decided. `default`, the input's default, stands for it. */
export function refuseOtherWorkspace(host: SshHostRow, workspace: string, permitted: string | null): void {
  if (workspace === 'default' || workspace === host.workspace_id || workspace === permitted) return
  throw invalidField('workspace', 'the workspace of the host, or nothing')
}

/**
 * The account on the host; it becomes the one SSH principal, so it must be one that the host was registered with, and
 * is spelled as it was then.
 */
export function loginOn(host: SshHostRow, login: string | undefined): string {
  const wanted = (login ?? host.user_name).toLowerCase()
  const account =
    host.principals.find((principal) => principal === login) ??
    host.principals.find((principal) => principal.toLowerCase() === wanted)
  if (account === undefined) throw invalidField('login', `one of the host's principals: ${host.principals.join(', ')}`)
  return account
}

/**
 * Refuses a host whose pinned key we have never seen proved at its address: it might not exist, and its key be another
 * machine's. It is asked now; an Admin may have waived that.
 */
export async function requireKeySeen(hosts: Hosts, host: SshHostRow): Promise<void> {
  if (host.key_seen_at !== null || host.contact_waiver !== null) return
  await hosts.prove(host.id).catch((error: unknown) => {
    throw hostRefusal(error, 'nothing is issued for a host before Gatehouse has seen its pinned key there')
  })
}

/** Runs a parser of ours on a field; what it refuses is the field's fault. */
export function fieldOf<T>(path: string, parse: () => T): T {
  try {
    return parse()
  } catch (error) {
    if (error instanceof SshWireError) throw invalidField(path, error.message)
    throw error
  }
}
