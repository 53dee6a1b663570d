import type { Wire } from '@gatehouse/contract'
import { counted } from '../../words.ts'

/** The security dashboard's figures. */
export type Figures = Wire<'system.dashboard'>

/** One figure: how many, of what, where to look, and whether it wants to be looked at. */
export interface Figure {
  readonly count: number
  readonly name: string
  /** What stands behind the number. */
  readonly detail: string
  readonly href: string
  readonly tone: 'calm' | 'warn'
}

/** Half of all failed log-ins of a day and more in one hour, once they are many: somebody is trying. */
const burstMin = 20

/** The hour that stands out, if one does. */
export function burstOf({ failedLoginsByHour, failedLogins }: Figures): Figures['failedLoginsByHour'][number] | null {
  const most = failedLoginsByHour.reduce<Figures['failedLoginsByHour'][number] | null>(
    (best, hour) => (best === null || hour.count > best.count ? hour : best),
    null,
  )
  return most !== null && most.count >= burstMin && most.count * 2 >= failedLogins ? most : null
}

type Untoned = Omit<Figure, 'tone'>

/** What stands below a number, which is not repeated. */
export const byCount = (count: number, one: string, many: string): string => (count === 1 ? one : many)

/** Figures that want somebody as soon as they are more than nothing. */
const watchedOf = (figures: Figures): readonly Untoned[] => [
  {
    count: figures.approvalsPending,
    name: byCount(figures.approvalsPending, 'approval pending', 'approvals pending'),
    detail: 'waiting for a second person',
    href: '/approvals?state=pending',
  },
  {
    count: figures.accountsLocked,
    name: byCount(figures.accountsLocked, 'locked account', 'locked accounts'),
    detail: 'too many failed attempts; unlock under Users',
    href: '/record/audit?action=auth.login&outcome=refused',
  },
  {
    count: figures.sessionsWithoutMfa,
    name: `${byCount(figures.sessionsWithoutMfa, 'session', 'sessions')} without a second factor`,
    detail: `of ${counted(figures.sessionsActive, 'active session')}`,
    href: '/people/users',
  },
  {
    count: figures.apiTokensExpiring,
    name: `${byCount(figures.apiTokensExpiring, 'API token expires', 'API tokens expire')} within 14 days`,
    detail: `of ${counted(figures.apiTokensActive, 'active token')}`,
    href: '/programs/accounts?status=active',
  },
  {
    count: figures.apiTokensUnused,
    name: `${byCount(figures.apiTokensUnused, 'API token', 'API tokens')} unused for 30 days`,
    detail: 'revoke tokens that are not needed',
    href: '/programs/accounts?status=active',
  },
  {
    count: figures.backupCodesLow,
    name: `${byCount(figures.backupCodesLow, 'person', 'people')} low on backup codes`,
    detail: 'three or fewer left',
    href: '/people/users?status=active',
  },
  {
    count: figures.peopleActive - figures.peopleEnrolled,
    name: `${byCount(figures.peopleActive - figures.peopleEnrolled, 'person', 'people')} without a second factor`,
    detail: `of ${figures.peopleActive} active ${byCount(figures.peopleActive, 'person', 'people')}`,
    href: '/people/users?status=active',
  },
]

/** Figures that only say how much there is. */
const calmOf = (figures: Figures): readonly Untoned[] => [
  {
    count: figures.sessionsActive,
    name: byCount(figures.sessionsActive, 'active session', 'active sessions'),
    detail: 'across all devices',
    href: '/record/audit?action=auth.login&outcome=allowed',
  },
  {
    count: figures.serviceAccountsActive,
    name: byCount(figures.serviceAccountsActive, 'service account', 'service accounts'),
    detail: `with ${counted(figures.apiTokensActive, 'API token')}, including personal tokens`,
    href: '/programs/accounts?status=active',
  },
  {
    count: figures.peopleDisabled,
    name: `${byCount(figures.peopleDisabled, 'person', 'people')} with disabled access`,
    detail: `${figures.peopleActive} ${byCount(figures.peopleActive, 'is', 'are')} active`,
    href: '/people/users?status=disabled',
  },
]

/** Every figure, those that want somebody before the others. */
export function figuresOf(figures: Figures): readonly Figure[] {
  const watched = watchedOf(figures).map((figure) => ({ ...figure, tone: figure.count > 0 ? 'warn' : 'calm' }) as const)
  const calm = calmOf(figures).map((figure) => ({ ...figure, tone: 'calm' }) as const)
  return [...watched, ...calm].toSorted((a, b) => Number(b.tone === 'warn') - Number(a.tone === 'warn'))
}

/** A share in words that add up: `7 of 9 (78 %)`; of nobody there is none. */
export const shareWords = (part: number, whole: number): string =>
  whole === 0 ? 'no one has this role' : `${part} of ${whole} (${Math.floor((100 * part) / whole)} %)`

/** Points of the spark line in a box of 100 by 30, oldest first; a flat line at the bottom where there is nothing. */
export function sparkPoints(counts: readonly number[]): string {
  const most = Math.max(1, ...counts)
  const step = counts.length > 1 ? 100 / (counts.length - 1) : 0
  return counts.map((count, index) => `${(index * step).toFixed(1)},${(29 - (28 * count) / most).toFixed(1)}`).join(' ')
}

/** The spark line, said: how many, when most, when last. */
export function sparkWords({ failedLogins, failedLoginsByHour }: Figures, hourText: (at: string) => string): string {
  if (failedLogins === 0) return 'No failed log-in in the last 24 hours.'
  const most = failedLoginsByHour.reduce((best, hour) => (hour.count > best.count ? hour : best))
  const last = failedLoginsByHour.findLast(({ count }) => count > 0)
  return (
    `${counted(failedLogins, 'failed log-in')} in the last 24 hours; ` +
    `most in the hour from ${hourText(most.hour)} (${most.count}), ` +
    `the last in the hour from ${hourText(last?.hour ?? most.hour)}.`
  )
}
