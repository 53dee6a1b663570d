import type { Lease } from './live-leases.ts'

const kinds: Readonly<Record<Lease['backend'], string>> = { 'ssh-key': 'SSH key', 'ssh-certificate': 'SSH certificate' }

/** What a lease is of, as people call it. */
export const kindWords = (lease: Pick<Lease, 'backend'>): string => kinds[lease.backend]

const consequences: Readonly<Record<Lease['backend'], string>> = {
  'ssh-key':
    'Its line is taken out of authorized_keys on the host, and log-ins with it are refused from then on. If the host does not answer now, Gatehouse keeps trying and says so here.',
  'ssh-certificate':
    'Its serial goes into the revocation list, and hosts refuse it as soon as they have fetched that list.',
}

/** Exactly what revoking does, before it is done. */
export const revokeWords = (lease: Lease): { head: string; detail: string } => ({
  head: `The ${kindWords(lease)} of ${lease.principalName} for ${lease.role} will stop working now.`,
  detail: `${consequences[lease.backend]} Sessions that are open already stay open. This cannot be undone; a new credential can be issued.`,
})
