import { Refusal } from '@gatehouse/contract'
import type { Transaction } from '@gatehouse/database'
import type { Principal } from '@gatehouse/enforcement'
import { claimHostKeys } from './ssh-host-key.queries.ts'
import { findSameHost, readHost, type HostIdentity, type SshHostRow } from './ssh-host.queries.ts'
import { fingerprint, type PublicKey } from './wire/index.ts'

/** Who asks decides how much a refusal says: which hosts there are in other workspaces is for Admins to know. */
export const isAdmin = (principal: Principal): boolean => principal.type === 'User' && principal.roles.includes('Admin')

interface IdentityWish extends HostIdentity {
  readonly workspaceId: string
  /** The host itself, where it exists already. */
  readonly except: string | null
}

/** Refuses a name, or an address with its port, that another host has. */
export async function refuseSameHost(tx: Transaction, principal: Principal, wish: IdentityWish): Promise<void> {
  const other = await findSameHost(tx, wish)
  if (other === null) return
  const isOwnName = other.workspace_id === wish.workspaceId && other.name.toLowerCase() === wish.name.toLowerCase()
  throw isOwnName
    ? new Refusal('conflict', { hint: `there is a host named \`${other.name}\` in this workspace already` })
    : registeredAlready(principal, other)
}

/** Gives the host the keys, or refuses where another host has one of them. */
export async function requireHostKeys(
  tx: Transaction,
  principal: Principal,
  { host, keys }: { readonly host: Pick<SshHostRow, 'id' | 'workspace_id'>; readonly keys: readonly PublicKey[] },
): Promise<void> {
  const [taken] = await claimHostKeys(tx, {
    hostId: host.id,
    workspaceId: host.workspace_id,
    fingerprints: keys.map(fingerprint),
    anyWorkspace: isAdmin(principal),
  })
  if (taken !== undefined)
    throw registeredAlready(principal, taken.host_id === null ? null : await readHost(tx, taken.host_id))
}

/** Says the same of a name, an address and a key, so that a stranger learns of none which it is. */
function registeredAlready(principal: Principal, other: SshHostRow | null): Refusal {
  if (isAdmin(principal) && other !== null)
    return new Refusal('conflict', {
      hint:
        `the host \`${other.name}\` of workspace \`${other.workspace_id}\` ` +
        'has this name, this address and port, or this key, or a certificate for them',
    })
  return new Refusal('conflict', {
    hint: 'a host with this name, this address and port, or this key is registered already; an Admin can see which',
  })
}
