import type { Raw, Wire } from '@gatehouse/contract'
import { given } from '../../ui/form.ts'
import { counted } from '../../words.ts'
import { consequenceWords, kindWords } from '../leases/lease-words.ts'
import { isAlive, type Lease } from '../leases/live-leases.ts'

export type Revocations = Wire<'lease.revokeMany'>

type Texts = Readonly<Record<string, string>>

/** By what leases are chosen that are revoked together. */
export const filterNames = [
  'principal',
  'backend',
  'role',
  'prefix',
  'host',
  'workspace',
  'session',
  'approval',
] as const

/** What a person chose, as the operation takes it. */
export const chosen = (values: Texts): Omit<Raw<'lease.revokeMany'>, 'reason'> =>
  Object.fromEntries(filterNames.map((name) => [name, given(values[name])]))

/** True once anything is chosen: nobody revokes everything by leaving something out. */
export const isChosen = (values: Texts): boolean => filterNames.some((name) => given(values[name]) !== undefined)

/** `3 leases of 2 people would be revoked.` */
export function lookWords({ matching, leases }: Pick<Revocations, 'matching' | 'leases'>): string {
  if (matching === 0) return 'No active lease matches.'
  const owners = new Set(leases.map(({ principal }) => principal)).size
  const whose = leases.length < matching ? '' : ` of ${counted(owners, 'owner')}`
  return `${counted(matching, 'lease')}${whose} would be revoked`
}

/** What revoking does to each kind that is among these. */
export const kindConsequences = (leases: readonly Lease[]): readonly (readonly [string, string])[] =>
  [...new Map(leases.map((lease) => [lease.backend, lease])).values()].map((lease) => [
    `${kindWords(lease)} (${leases.filter(({ backend }) => backend === lease.backend).length})`,
    consequenceWords(lease),
  ])

/** How far the revocation has come, by the leases that are shown. */
export interface Progress {
  readonly ended: number
  readonly of: number
  /** Somebody has to look: their credential could not be taken away. */
  readonly failed: number
}

/** How far it has come. */
export const progressOf = (leases: readonly Lease[]): Progress => ({
  ended: leases.filter((lease) => !isAlive(lease)).length,
  of: leases.length,
  failed: leases.filter(({ state }) => state === 'irrevocable').length,
})

/** Nothing is called revoked while one of those that are followed may still work. */
export const revokedWords = (revoked: number, { ended, of }: Pick<Progress, 'ended' | 'of'>): string =>
  ended === of ? `${counted(revoked, 'lease')} revoked` : `Revoking ${counted(revoked, 'lease')}`

/** The same, in words. */
export function progressWords({ ended, of, failed }: Progress): string {
  const left = of - ended - failed
  const parts = [
    endedWords(ended, of),
    left === 0 ? '' : `${left} ${left === 1 ? 'is' : 'are'} still being revoked; Gatehouse keeps trying.`,
    failed === 0 ? '' : `${failed} could not be revoked and ${failed === 1 ? 'needs' : 'need'} attention.`,
  ]
  return parts.filter((part) => part !== '').join(' ')
}

function endedWords(ended: number, of: number): string {
  if (ended < of) return `${ended} of ${of} have ended.`
  return of === 1 ? 'It has ended.' : `All ${of} have ended.`
}
