import type { Store } from '@gatehouse/database'
import type { LeaseRef, Testimony } from '@gatehouse/secrets'
import type { Hosts } from './apply-host.ts'
import { HostAccessError } from './host-access/index.ts'
import { readHost } from './ssh-host.queries.ts'
import { readKeyOfLease } from './ssh-key.queries.ts'
import { fingerprint, parsePublicKeyLine } from './wire/index.ts'

/**
 * Looks whether the line of a revoked key is gone. sshd is not asked about the key: a line of ours is good from its
 * owner's addresses alone, so it would refuse us with the line and without it.
 */
export const proveKey = async (
  { db, hosts }: { readonly db: Store; readonly hosts: Pick<Hosts, 'holdsKey'> },
  lease: LeaseRef,
): Promise<Testimony> => {
  const key = await readKeyOfLease(db, lease.id)
  if (key === null) throw new HostAccessError('invalid-target', 'no key was made')
  const host = await readHost(db, key.host_id)
  if (host === null || host.removed_at !== null) throw new HostAccessError('invalid-target', 'the host was removed')
  const publicKey = parsePublicKeyLine(key.public_key)
  const found = await hosts.holdsKey(host.id, { login: key.user_name, key: publicKey })
  return {
    dead: !found.there,
    provider: `sshd of ${host.name}`,
    said: found.there ? `the key stands in ${found.path}` : `the key does not stand in ${found.path}`,
    facts: {
      host: host.id,
      hostKey: fingerprint(parsePublicKeyLine(host.host_key)),
      key: fingerprint(publicKey),
      there: found.there,
    },
  }
}
