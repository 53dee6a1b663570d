import { secret } from '@gatehouse/contract'
import type { Store } from '@gatehouse/database'
import type { Clock } from '@gatehouse/enforcement'
import type { SecretBackend } from '@gatehouse/secrets'
import type { Hosts } from './apply-host.ts'
import { hostRefusal } from './host-refusal.ts'
import { proveKey } from './prove-key.ts'
import { bumpRevocationList } from './ssh-certificate.queries.ts'
import { hostsOfLeases, markKeys, readKeyOfLease, unwantKeyOfLease } from './ssh-key.queries.ts'
import type { SshSettings } from './ssh-settings.ts'
import { formatPrivateKey, formatPublicKey, generateEd25519 } from './wire/index.ts'

/** A fresh pair as text, in OpenSSH's formats. */
export interface KeyMaterial {
  readonly privateKey: string
  readonly publicKey: string
}

/** Keys in `authorized_keys`: a lease's key is a line on a host, and ends when the line is gone. */
export function sshKeyBackend({
  db,
  clock,
  hosts,
  settings,
}: {
  readonly db: Store
  readonly clock: Clock
  readonly hosts: Hosts
  readonly settings: SshSettings
}): SecretBackend<Record<never, never>, KeyMaterial> {
  return {
    name: 'ssh-key',
    limits: {
      ttlSecondsMin: settings.ttlSecondsMin,
      ttlSecondsMax: settings.ttlSecondsMax,
      renewable: false,
      revocation: 'deletes',
    },
    issue: async (lease) => {
      const comment = `gatehouse lease=${lease.id}`
      const { privateKey, publicKey } = await generateEd25519(comment)
      return secret({ privateKey: formatPrivateKey(privateKey, comment), publicKey: formatPublicKey(publicKey) })
    },
    revoke: async (lease) => {
      await unwantKeyOfLease(db, lease.id)
      const key = await readKeyOfLease(db, lease.id)
      if (key === null || !key.maybe_present) return
      try {
        await hosts.apply(key.host_id)
      } catch (error) {
        throw hostRefusal(error)
      }
    },
    prove: (lease) => proveKey({ db, hosts }, lease),
    placesOf: (leaseIds) => hostsOfLeases(db, leaseIds),
    mark: async (tx, leaseIds, phase) => {
      const now = clock.now()
      // a key that is taken back early is named by the revocation list as well, for hosts that are out of our reach but
      // fetch the list
      if (await markKeys(tx, { leaseIds, phase, now })) await bumpRevocationList(tx, now)
    },
    probe: () => Promise.resolve(), // every host is its own; `ssh-host check` proves one
  }
}
