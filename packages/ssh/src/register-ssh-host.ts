import { invalidField, Refusal, type Input } from '@gatehouse/contract'
import type { Handler } from '@gatehouse/enforcement'
import { HostAccessError, scanHostKeys } from './host-access/index.ts'
import { isLoopbackAddress, isLoopbackHost, loopbackAddressesOf } from './host-credential.ts'
import { fieldOf } from './issue-terms.ts'
import type { SshDeps } from './ssh-deps.ts'
import { insertHost } from './ssh-host.queries.ts'
import { toHost } from './ssh-view.ts'
import {
  canonicalSourceAddress,
  canonicalSourceAddresses,
  formatPublicKey,
  parseHostKeyLine,
  type PublicKey,
} from './wire/index.ts'

type Registration = Input<'sshHost.register'>

/**
 * Registers a host with its key pinned: the one given, or the one it shows on this first contact, whose fingerprint a
 * person compares.
 */
export const registerSshHost =
  ({ change, clock, random }: SshDeps): Handler<'sshHost.register'> =>
  async (permit) => {
    const { input, slice } = permit
    if (slice === null) throw new Refusal('not-found')
    const sourceAddresses = sourceAddressesOf(input, permit.call.address)
    const { key, reachable } = await pinnedKey(input)
    const now = clock.now()
    const row = await change(
      permit,
      async (tx) => {
        const written = await insertHost(tx, {
          id: random.id(),
          name: input.name,
          workspace_id: slice.resource.id,
          address: input.address,
          port: input.port,
          user_name: input.user,
          access: input.access,
          principals: [...new Set(input.principals ?? [input.user])],
          source_addresses: [...sourceAddresses],
          host_key: formatPublicKey({ ...key, comment: '' }),
          authorized_keys_path: input.authorizedKeysPath ?? null,
          checked_at: now,
          reachable,
          last_error: reachable ? null : 'the host did not answer when it was registered',
          created_at: now,
        })
        if (written === null) throw new Refusal('conflict', { hint: `there is a host named \`${input.name}\` already` })
        return written
      },
      (written) => ({
        resource: { type: 'SshHost', id: written.id },
        workspace: slice.resource.id,
        detail: { host: written.name },
      }),
    )
    return toHost(row)
  }

/**
 * From where credentials for this host may be used: as told, else from where the caller calls. A caller on this very
 * machine
 * tells nothing about a host elsewhere, so he has to say.
 */
function sourceAddressesOf({ sourceAddresses, address }: Registration, callerAddress: string): readonly string[] {
  if (sourceAddresses !== undefined) return fieldOf('sourceAddresses', () => canonicalSourceAddresses(sourceAddresses))
  if (!isLoopbackAddress(callerAddress)) return [canonicalSourceAddress(callerAddress)]
  if (isLoopbackHost(address)) return loopbackAddressesOf(address)
  throw invalidField(
    'sourceAddresses',
    "the addresses from which people reach this host (--source-addresses CIDR,…): you call from the server's own machine, and its loopback address would let nobody in",
  )
}

/** A given key must be one the host shows, if it answers at all. */
async function pinnedKey(input: Registration): Promise<{ readonly key: PublicKey; readonly reachable: boolean }> {
  const { hostKey } = input
  const given = hostKey === undefined ? null : fieldOf('hostKey', () => parseHostKeyLine(hostKey).key)
  const shown = await shownKeys(input)
  if (given === null) {
    const [first] = shown
    if (first === undefined)
      throw new Refusal('host-unreachable', {
        hint: 'its key cannot be seen; give it with --host-key, or bring the host up',
      })
    return { key: first, reachable: true }
  }
  if (
    shown.length > 0 &&
    !shown.some((key) => formatPublicKey({ ...key, comment: '' }) === formatPublicKey({ ...given, comment: '' }))
  )
    throw new Refusal('host-key-mismatch')
  return { key: given, reachable: shown.length > 0 }
}

async function shownKeys({ address, port }: Registration): Promise<readonly PublicKey[]> {
  try {
    return await scanHostKeys({ address, port })
  } catch (error) {
    if (error instanceof HostAccessError && error.problem === 'unreachable') return []
    throw error
  }
}
