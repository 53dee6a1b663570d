import { Refusal, type Input } from '@gatehouse/contract'
import type { Handler } from '@gatehouse/enforcement'
import { accountsOf, canonicalAddress, otpAddressesOf, sourceAddressesOf } from './host-fields.ts'
import { refuseSameHost, requireHostKeys } from './host-identity.ts'
import { givenKey, keyToPin, storedKey, type PinnedKey } from './pinned-key.ts'
import type { SshDeps } from './ssh-deps.ts'
import { holdHostIdentities, insertHost } from './ssh-host.queries.ts'
import { hostView, toHost } from './ssh-view.ts'

/**
 * Registers a host with its key pinned: the one given, or the one it shows on this first contact, whose fingerprint a
 * person compares. Name, address with port, and every key that it shows are registered once in the whole system.
 */
export const registerSshHost =
  (deps: SshDeps): Handler<'sshHost.register'> =>
  async (permit) => {
    const { input, slice, principal } = permit
    if (slice === null) throw new Refusal('not-found')
    const address = canonicalAddress(input.address)
    const sourceAddresses = sourceAddressesOf({ ...input, address }, permit.call)
    const pinned = await keyToPin(deps, { address, port: input.port }, givenKey(input.hostKey))
    const host = registrationRow(input, {
      id: deps.random.id(),
      workspaceId: slice.resource.id,
      address,
      sourceAddresses,
      pinned,
      now: deps.clock.now(),
    })
    const row = await deps.change(
      permit,
      async (tx) => {
        await holdHostIdentities(tx)
        await refuseSameHost(tx, principal, { ...host, workspaceId: host.workspace_id, except: null })
        const written = await insertHost(tx, host)
        if (written === null) throw new Refusal('conflict', { hint: 'another host was registered just now; try again' })
        await requireHostKeys(tx, principal, { host: written, keys: pinned.keys })
        return written
      },
      (written) => ({
        resource: { type: 'SshHost', id: written.id },
        workspace: slice.resource.id,
        detail: { host: written.name, unbound: written.unbound, contactWaiver: written.contact_waiver },
      }),
    )
    return toHost(row, await hostView(deps))
  }

/** What of a registration stands in the row as it was said. */
type RegisteredFields = Pick<
  Input<'sshHost.register'>,
  | 'name'
  | 'port'
  | 'user'
  | 'access'
  | 'principals'
  | 'otpAddresses'
  | 'authorizedKeysPath'
  | 'unbound'
  | 'contactWaiver'
>

interface RegistrationFacts {
  readonly id: string
  readonly workspaceId: string
  readonly address: string
  readonly sourceAddresses: readonly string[]
  readonly pinned: PinnedKey
  readonly now: Date
}

/** A host as it is written down. */
export const registrationRow = (input: RegisteredFields, facts: RegistrationFacts) => ({
  id: facts.id,
  name: input.name,
  workspace_id: facts.workspaceId,
  address: facts.address,
  port: input.port,
  user_name: input.user,
  access: input.access,
  principals: accountsOf(input.principals ?? [input.user]),
  source_addresses: [...facts.sourceAddresses],
  otp_addresses: otpAddressesOf(input.otpAddresses),
  host_key: storedKey(facts.pinned.key),
  authorized_keys_path: input.authorizedKeysPath ?? null,
  unbound: input.unbound,
  key_seen_at: facts.pinned.proved ? facts.now : null,
  contact_waiver: input.contactWaiver ?? null,
  removed_at: null,
  checked_at: facts.now,
  reachable: facts.pinned.proved,
  last_error: facts.pinned.proved ? null : 'the host did not answer when it was registered',
  created_at: facts.now,
})
