import { invalidField, ownSshAuthority, Refusal, type Input } from '@gatehouse/contract'
import type { Transaction } from '@gatehouse/database'
import type { CallFacts, Handler } from '@gatehouse/enforcement'
import { accountsOf, canonicalAddress, otpAddressesOf, sourceAddressesOf } from './host-fields.ts'
import { refuseSameHost } from './host-identity.ts'
import { located } from './contact.ts'
import { decidedHost } from './issue-terms.ts'
import { invalidAddress } from './pinned-key.ts'
import { holdAuthorities } from './ssh-authority.queries.ts'
import { publishCas } from './ssh-certificate.queries.ts'
import type { SshDeps } from './ssh-deps.ts'
import { holdHostIdentities, readHost, updateHost, type HostChange, type SshHostRow } from './ssh-host.queries.ts'
import { keysStillOnHost } from './ssh-key.queries.ts'
import { hostView, toHost } from './ssh-view.ts'
import { countOthersOn, readVaultAuthority } from './vault-authority.queries.ts'

/**
 * Changes what is known of a host. Its key is changed by `sshHost.repin` alone. Where address or port change, the key
 * has to be seen there before another certificate is signed.
 */
export const updateSshHost =
  (deps: SshDeps): Handler<'sshHost.update'> =>
  async (permit) => {
    const { principal, input } = permit
    if (Object.keys(input).length === 1)
      throw invalidField('name', 'a name, an address or whatever else shall change: there is nothing to change')
    const decided = await decidedHost(deps.db, permit)
    await refuseForbiddenPlace(deps, decided, input)
    const row = await deps.change(
      permit,
      async (tx) => {
        await holdHostIdentities(tx)
        const host = await requireLiving(tx, decided.id)
        const changed = { ...changeOf(host, input, permit.call), ...(await authorityChange(deps, tx, { host, input })) }
        await refuseSameHost(tx, principal, { ...host, ...changed, workspaceId: host.workspace_id, except: host.id })
        if (movesFiles(host, changed)) await refuseKeysOnHost(tx, host)
        return Object.keys(changed).length === 0 ? host : updateHost(tx, host.id, changed)
      },
      (written) => ({
        workspace: decided.workspace_id,
        detail: { host: written.name, changed: Object.keys(input).filter((field) => field !== 'id') },
      }),
    )
    return toHost(row, await hostView(deps))
  }

/** A host that was not removed meanwhile. */
export async function requireLiving(tx: Transaction, id: string): Promise<SshHostRow> {
  const host = await readHost(tx, id)
  if (host === null || host.removed_at !== null) throw new Refusal('not-found')
  return host
}

type Changes = Input<'sshHost.update'>

/** Nothing is connected to; only a place that never may be is refused at once. */
async function refuseForbiddenPlace({ outbound }: SshDeps, host: SshHostRow, input: Changes): Promise<void> {
  if (input.address === undefined && input.port === undefined) return
  const place = { address: canonicalAddress(input.address ?? host.address), port: input.port ?? host.port }
  await located(outbound, place).catch((error: unknown) => {
    const refusal = invalidAddress(error)
    if (refusal !== null) throw refusal
  })
}

function changeOf(host: SshHostRow, input: Changes, caller: CallFacts): HostChange {
  const address = input.address === undefined ? host.address : canonicalAddress(input.address)
  const port = input.port ?? host.port
  const isMoved = address !== host.address || port !== host.port
  const wanted: HostChange = {
    name: input.name ?? host.name,
    address,
    port,
    user_name: input.user ?? host.user_name,
    access: input.access ?? host.access,
    authorized_keys_path: textAfter(host.authorized_keys_path, input.authorizedKeysPath),
    unbound: input.unbound ?? host.unbound,
    contact_waiver: textAfter(isMoved ? null : host.contact_waiver, input.contactWaiver),
    ...(input.principals === undefined ? {} : { principals: accountsOf(input.principals) }),
    ...(input.sourceAddresses === undefined
      ? {}
      : { source_addresses: [...sourceAddressesOf({ ...input, address }, caller)] }),
    ...(input.otpAddresses === undefined ? {} : { otp_addresses: otpAddressesOf(input.otpAddresses) }),
  }
  if (isMoved) Object.assign(wanted, { key_seen_at: null, checked_at: null, reachable: null, last_error: null })
  return wanted
}

/** An empty text takes away what was there. */
function textAfter(before: string | null, wanted: string | undefined): string | null {
  if (wanted === undefined) return before
  return wanted === '' ? null : wanted
}

/** Hosts stop trusting an authority that signs for them no more, and with it whatever of its is alive. */
async function authorityChange(
  { clock }: SshDeps,
  tx: Transaction,
  { host, input: { authority: reference } }: { readonly host: SshHostRow; readonly input: Changes },
): Promise<Pick<HostChange, 'authority_id'>> {
  if (reference === undefined) return {}
  await holdAuthorities(tx)
  const authority = reference === ownSshAuthority ? null : await readVaultAuthority(tx, reference)
  if (reference !== ownSshAuthority && authority === null)
    throw invalidField('authority', `an authority that is there (ssh-authority list), or ${ownSshAuthority}`)
  const id = authority?.id ?? null
  if (id === host.authority_id) return {}
  const now = clock.now()
  const living = await countOthersOn(tx, host.id, now)
  if (living > 0)
    throw new Refusal('conflict', {
      hint:
        `${living} certificates that its authority has signed can still be used there; revoke them first ` +
        `(gatehouse lease list --host ${host.name}), or wait`,
    })
  await publishCas(tx, now)
  return { authority_id: id }
}

/** Lines of ours would be left behind in the files of before. */
const movesFiles = (host: SshHostRow, change: HostChange): boolean =>
  (['address', 'port', 'user_name', 'access', 'authorized_keys_path'] as const).some(
    (field) => change[field] !== undefined && change[field] !== host[field],
  )

async function refuseKeysOnHost(tx: Transaction, host: SshHostRow): Promise<void> {
  const keys = await keysStillOnHost(tx, host.id)
  if (keys.length > 0)
    throw new Refusal('conflict', {
      hint: `keys are on this host under its present address, account and path; revoke them first: ${named(keys)}`,
    })
}

const NAMED_MAX = 10

/** A few by their id, the rest by their number. */
export const named = (ids: readonly string[]): string =>
  ids.length <= NAMED_MAX ? ids.join(', ') : `${ids.slice(0, NAMED_MAX).join(', ')} and ${ids.length - NAMED_MAX} more`
