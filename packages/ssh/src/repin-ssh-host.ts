import { invalidField, Refusal } from '@gatehouse/contract'
import type { Handler } from '@gatehouse/enforcement'
import { formerKeys } from './host-certificate.ts'
import { requireHostKeys } from './host-identity.ts'
import { decidedHost } from './issue-terms.ts'
import { givenKey, keyToPin, storedKey } from './pinned-key.ts'
import type { SshDeps } from './ssh-deps.ts'
import { releaseHostKeys } from './ssh-host-key.queries.ts'
import { uncertified, unreported, updateHost } from './ssh-host.queries.ts'
import { hostView, toHost } from './ssh-view.ts'
import { requireLiving } from './update-ssh-host.ts'
import { fingerprint, parsePublicKeyLine, type PublicKey } from './wire/index.ts'

/**
 * Pins another key: the one given, or the one that the host shows, once a person has confirmed its fingerprint. Without
 * either, both keys are shown and nothing changes. Certificates signed so far stay bound to the old key.
 */
export const repinSshHost =
  (deps: SshDeps): Handler<'sshHost.repin'> =>
  async (permit) => {
    const { input, principal } = permit
    const decided = await decidedHost(deps.db, permit)
    const given = givenKey(input.hostKey)
    const { key, keys, proved } = await keyToPin(deps, decided, given)
    if (input.fingerprint !== undefined && input.fingerprint !== fingerprint(key))
      throw invalidField('fingerprint', `the fingerprint of the new key, which is ${fingerprint(key)}`)
    const isConfirmed = given !== null || input.fingerprint !== undefined
    const row = await deps.change(
      permit,
      async (tx) => {
        const host = await requireLiving(tx, decided.id)
        if (host.host_key !== decided.host_key) throw new Refusal('conflict', { hint: 'the key was changed just now' })
        if (!isConfirmed) return host
        await requireHostKeys(tx, principal, { host, keys })
        await releaseHostKeys(tx, { hostId: host.id, keep: keys.map(fingerprint) })
        return updateHost(tx, host.id, {
          host_key: storedKey(key),
          // clients that trust the host CA would take a certificate of the key before until its end
          former_keys: formerKeys(storedKey(key), [host.host_key, ...host.former_keys]),
          key_seen_at: proved ? deps.clock.now() : null,
          contact_waiver: null,
          ...unreported,
          ...uncertified,
          ...(proved ? { checked_at: deps.clock.now(), reachable: true, last_error: null } : {}),
        })
      },
      () => ({
        workspace: decided.workspace_id,
        detail: { before: fingerprintOf(decided), shown: fingerprint(key), repinned: isConfirmed },
      }),
    )
    return {
      host: toHost(row, await hostView(deps)),
      pinned: shownKey(parsePublicKeyLine(decided.host_key)),
      shown: shownKey(key),
      repinned: isConfirmed,
    }
  }

const fingerprintOf = ({ host_key }: { readonly host_key: string }): string => fingerprint(parsePublicKeyLine(host_key))

const shownKey = (key: PublicKey) => ({ hostKey: storedKey(key), fingerprint: fingerprint(key) })
