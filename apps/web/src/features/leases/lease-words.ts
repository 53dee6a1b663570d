import type { Lease } from './live-leases.ts'

const kinds: Readonly<Record<Lease['backend'], string>> = { 'ssh-key': 'SSH key', 'ssh-certificate': 'SSH certificate' }

/** What a lease is of, as people call it. */
export const kindWords = (lease: Pick<Lease, 'backend'>): string => kinds[lease.backend]

const consequences: Readonly<Record<Lease['backend'], string>> = {
  'ssh-key':
    'The key is removed from authorized_keys on the host, and log-ins with it are refused. If the ' +
    'host is unreachable, Gatehouse keeps trying and shows it here.',
  'ssh-certificate': 'Its serial is added to the revocation list. Hosts refuse it once they have fetched that list.',
}

/** Exactly what revoking does, before it is done. */
export const revokeWords = (lease: Lease): { head: string; detail: string } => ({
  head: `The ${kindWords(lease)} of ${lease.principalName} for ${lease.role} stops working now.`,
  detail:
    `${consequences[lease.backend]} Open SSH sessions stay open. ` +
    'This cannot be undone, but a new credential can be issued.',
})
