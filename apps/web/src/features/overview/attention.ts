import type { Wire } from '@gatehouse/contract'
import { isOverdue, isRevoking, type Lease } from '../leases/live-leases.ts'

/** A part of the system as a heading names it: `KMS`, `Revocation lists`. */
export const partName = (name: string): string =>
  name === 'kms' ? 'KMS' : name.charAt(0).toUpperCase() + name.slice(1)

/** Something that is wrong: what, where to look, how bad. */
export interface Trouble {
  readonly tone: 'bad' | 'warn'
  readonly title: string
  readonly text: string
  readonly href: string | null
}

/** What is known of the house, as far as the person may see it. */
export interface Standing {
  readonly status: Wire<'system.status'> | undefined
  readonly hosts: readonly Wire<'sshHost.get'>[]
  readonly leases: readonly Lease[]
  readonly policy: Wire<'policy.status'> | undefined
  readonly now: number
}

const partTroubles = ({ status }: Standing, told: ReadonlySet<string>): readonly Trouble[] =>
  (status?.parts ?? [])
    .filter(({ name, health }) => health !== 'ok' && !told.has(name))
    .map(({ name, health, message }) => ({
      tone: health === 'down' ? 'bad' : 'warn',
      title: `${partName(name)} is ${health}`,
      text: message,
      href: null,
    }))

const hostTroubles = ({ hosts }: Standing): readonly Trouble[] =>
  hosts
    .filter(({ reachable }) => reachable === false)
    .map(({ id, name, lastError }) => ({
      tone: 'warn',
      title: `${name} is unreachable`,
      text: lastError ?? 'Credentials on this host cannot be revoked until it responds.',
      href: `/access/hosts/${id}`,
    }))

function leaseTrouble(lease: Lease, now: number): Trouble | null {
  const href = `/access/leases/${lease.id}`
  const whose = `${lease.principalName} on ${lease.role}`
  if (lease.state === 'irrevocable')
    return {
      tone: 'bad',
      title: `A credential of ${whose} could not be revoked`,
      text: lease.lastError ?? 'Automatic revocation failed. Manual action is required.',
      href,
    }
  if (isOverdue(lease, now))
    return {
      tone: 'bad',
      title: `A credential of ${whose} is overdue`,
      text: lease.lastError ?? 'It has expired but is not revoked yet. Gatehouse keeps trying.',
      href,
    }
  if (isRevoking(lease))
    return {
      tone: 'warn',
      title: `A credential of ${whose} could not be revoked yet`,
      text: `${lease.lastError ?? 'The host has not confirmed.'} Gatehouse keeps trying.`,
      href,
    }
  return null
}

function policyTroubles({ policy }: Standing): readonly Trouble[] {
  if (policy === undefined || policy.lastError === null) return []
  return [{ tone: 'bad', title: 'The latest policy set was rejected', text: policy.lastError, href: '/policy' }]
}

/** Everything that is wrong, worst first. */
export function troublesOf(standing: Standing): readonly Trouble[] {
  const leases = standing.leases.map((lease) => leaseTrouble(lease, standing.now)).filter((trouble) => trouble !== null)
  const byPart = { leases, policy: policyTroubles(standing), hosts: hostTroubles(standing) }
  // A part whose trouble is told in detail need not be named again.
  const told = new Set(
    Object.entries(byPart)
      .filter(([, troubles]) => troubles.length > 0)
      .map(([part]) => part),
  )
  const all = [...byPart.leases, ...byPart.policy, ...partTroubles(standing, told), ...byPart.hosts]
  return all.toSorted((a, b) => Number(b.tone === 'bad') - Number(a.tone === 'bad'))
}
