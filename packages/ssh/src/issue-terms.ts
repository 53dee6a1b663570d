import { invalidField, Refusal } from '@gatehouse/contract'
import type { Store, Transaction } from '@gatehouse/database'
import type { AnyPermit, Permit } from '@gatehouse/enforcement'
import { sharedLook } from '@gatehouse/kit'
import type { LeaseTerms } from '@gatehouse/secrets'
import type { Hosts } from './apply-host.ts'
import { hostRefusal } from './host-refusal.ts'
import { readHost, type SshHostRow } from './ssh-host.queries.ts'
import { SshWireError } from './wire/index.ts'

/** The id of the host that was decided on. */
export function decidedHostId({ slice }: Pick<AnyPermit, 'slice'>): string {
  if (slice === null) throw new Refusal('not-found')
  return slice.resource.id
}

/** Refuses a host that is gone by now. */
export function requireHost(host: SshHostRow | null): SshHostRow {
  if (host === null || host.removed_at !== null) throw new Refusal('not-found')
  return host
}

/** The host that was decided on. */
export const decidedHost = async (db: Store, permit: Pick<AnyPermit, 'slice'>): Promise<SshHostRow> =>
  requireHost(await readHost(db, decidedHostId(permit)))

/** As many as come while one is being looked at, on a busy node. */
const askersMax = 64

/** What issuing looks at, for all who ask for the same host at the same time. */
export const sharedHostLook = <T>(look: (hostId: string) => Promise<T>): ((hostId: string) => Promise<T>) =>
  sharedLook(look, askersMax)

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

/** What a credential opens on a host. */
interface Opened {
  readonly login: string
  readonly sourceAddresses: readonly string[]
}

/** Refuses what a host gave once and gives no more: whoever took it away was told that nobody gets it from then on. */
export function refuseTakenAway(host: SshHostRow, { login, sourceAddresses }: Opened): void {
  const isGiven =
    host.principals.includes(login) && sourceAddresses.every((address) => host.source_addresses.includes(address))
  if (!isGiven) throw changedMeanwhile()
}

const changedMeanwhile = (): Refusal =>
  new Refusal('conflict', { hint: 'the host was changed meanwhile, and does not give this any more; ask anew' })

/** Refuses where the host, as it was when these were made for it, gives them no more. They are all of one host. */
export async function refuseIfChanged(
  tx: Transaction,
  all: readonly { readonly host: SshHostRow; readonly login: string }[],
): Promise<void> {
  const [first] = all
  if (first === undefined) return
  const now = requireHost(await readHost(tx, first.host.id))
  for (const { host, login } of all) {
    if (now.host_key !== host.host_key || now.unbound !== host.unbound || now.authority_id !== host.authority_id)
      throw changedMeanwhile()
    refuseTakenAway(now, { login, sourceAddresses: host.source_addresses })
  }
}

/** What is asked for on a host. */
interface HostWish {
  readonly id: string
  readonly backend: LeaseTerms['backend']
  readonly login: string
  readonly permit: Pick<Permit<'sshKey.generate' | 'sshCertificate.sign' | 'sshOtp.issue'>, 'principal' | 'input'>
  readonly expiresAt: Date
}

/** The lease of a credential for one account on a host. */
export const hostTerms = (host: SshHostRow, { id, backend, login, permit, expiresAt }: HostWish): LeaseTerms => ({
  id,
  backend,
  role: `${login}@${host.name}`,
  hostId: host.id,
  workspace: host.workspace_id,
  purpose: permit.input.purpose,
  principal: permit.principal,
  expiresAt,
})

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
