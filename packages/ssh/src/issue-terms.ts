import { invalidField, Refusal } from '@gatehouse/contract'
import type { Store } from '@gatehouse/database'
import type { Permit } from '@gatehouse/enforcement'
import { readHost, type SshHostRow } from './ssh-host.queries.ts'
import { SshWireError } from './wire/index.ts'

/** The host that was decided on. */
export async function decidedHost(
  db: Store,
  permit: Pick<
    Permit<'sshKey.generate' | 'sshCertificate.sign' | 'sshHost.get' | 'sshHost.check' | 'sshKey.cleanup'>,
    'slice'
  >,
): Promise<SshHostRow> {
  const host = permit.slice === null ? null : await readHost(db, permit.slice.resource.id)
  if (host === null) throw new Refusal('not-found')
  return host
}

/** A lease is in its host's workspace: that is where it was decided. `default`, the input's default, stands for it. */
export function refuseOtherWorkspace(host: SshHostRow, workspace: string, permitted: string | null): void {
  if (workspace === 'default' || workspace === host.workspace_id || workspace === permitted) return
  throw invalidField('workspace', 'the workspace of the host, or nothing')
}

/** The account on the host; it becomes the one SSH principal, so it must be one that the host was registered with. */
export function loginOn(host: SshHostRow, login: string | undefined): string {
  const wanted = login ?? host.user_name
  if (!host.principals.includes(wanted))
    throw invalidField('login', `one of the host's principals: ${host.principals.join(', ')}`)
  return wanted
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
