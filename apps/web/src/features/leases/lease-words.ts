import type { Wire } from '@gatehouse/contract'
import { durationText, type Revocation } from '@gatehouse/kit'
import type { Figure } from '../../ui/figures.tsx'
import type { Lease } from './live-leases.ts'

const kinds: Readonly<Record<Lease['backend'], string>> = {
  'ssh-key': 'SSH key',
  'ssh-certificate': 'SSH certificate',
  'ssh-otp': 'SSH one-time password',
  postgres: 'PostgreSQL login',
  vault: 'credential of a Vault',
  aws: 'session of AWS',
  upcloud: 'token of UpCloud',
}

/** What a lease is of, as people call it. */
export const kindWords = (lease: Pick<Lease, 'backend'>): string => kinds[lease.backend]

/** The kinds of leases, to choose from. */
export const kindOptions = Object.entries(kinds)

const consequences: Readonly<Record<Lease['backend'], string>> = {
  'ssh-key':
    'The key is removed from authorized_keys on the host, and log-ins with it are refused. If the ' +
    'host is unreachable, Gatehouse keeps trying and shows it here.',
  'ssh-certificate': 'Its serial is added to the revocation list. Hosts refuse it once they have fetched that list.',
  'ssh-otp': 'The host asks Gatehouse about each password, and is told at once that this one is no longer valid.',
  postgres:
    'Its connections are cut, and the login is removed from the server. What it owns there goes to the role that ' +
    'it had its rights from. If the server is unreachable, Gatehouse keeps trying and shows it here.',
  vault:
    'Vault takes it away where it works, and the token that it was made under. If Vault cannot be reached, or cannot ' +
    'take it away, Gatehouse keeps trying and shows it here.',
  aws:
    'AWS denies it everything, within seconds or at times minutes. If it assumed a role in another account, that ' +
    'session goes on until it expires.',
  upcloud:
    'Its token is deleted, and the sub-account that it was of. If UpCloud cannot be reached, Gatehouse keeps trying ' +
    'and shows it here.',
}

const soon = (seconds: number): string => (seconds === 0 ? 'at once' : `within ${durationText(seconds)}`)

/** How the credential dies before its time, and how soon. */
export function revocabilityWords({ revocability, revokedWithinSeconds: seconds }: Revocation): string {
  switch (revocability) {
    case 'deletes':
      return 'Can be revoked: it is deleted where it works.'
    case 'denies':
      return `Can be revoked: it is on a list that denies it, ${soon(seconds)}.`
    case 'expires-only':
      return `Cannot be revoked: it works until it expires, at most ${durationText(seconds)}.`
  }
}

/** Only a credential of SSH opens sessions that outlive it. */
const openSessions = (lease: Pick<Lease, 'backend'>): string =>
  lease.backend.startsWith('ssh-') ? ' Open SSH sessions stay open.' : ''

/** What revoking does to a credential of a kind, and what it leaves. */
export const consequenceWords = (lease: Pick<Lease, 'backend'>): string =>
  `${consequences[lease.backend]}${openSessions(lease)}`

/** Exactly what revoking does, before it is done. */
export const revokeWords = (lease: Lease): { head: string; detail: string } => ({
  head: `The ${kindWords(lease)} of ${lease.principalName} for ${lease.role} stops working now.`,
  detail: `${consequenceWords(lease)} This cannot be undone, but a new credential can be issued.`,
})

/** What of the whole is worth a look; what only counts trouble is left out while there is none. */
export const figuresOf = ({ active, expiring, ending, irrevocable }: Wire<'lease.stats'>): readonly Figure[] => [
  { count: active, words: 'active', href: '/access/leases?state=active', tone: 'calm' },
  ...(expiring === 0
    ? []
    : [
        {
          count: expiring,
          words: 'expire within an hour',
          href: '/access/leases?state=active&sort=expiry',
          tone: 'calm',
        } as const,
      ]),
  ...(ending === 0
    ? []
    : [{ count: ending, words: 'being revoked', href: '/access/leases?state=active', tone: 'calm' } as const]),
  ...(irrevocable === 0
    ? []
    : [
        {
          count: irrevocable,
          words: 'could not be revoked',
          href: '/access/leases?state=irrevocable',
          tone: 'bad',
        } as const,
      ]),
]
