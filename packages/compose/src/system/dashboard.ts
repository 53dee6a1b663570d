import { roles, type Output } from '@gatehouse/contract'
import type { Store } from '@gatehouse/database'
import type { Clock } from '@gatehouse/enforcement'
import { touchSeconds, type GatehouseSettingsInForce, type SettingsInForce } from '@gatehouse/identity'
import {
  readCoverage,
  readDashboardCounts,
  readFailedLogins,
  type FailedHour,
  type GuessLimit,
  type RoleCoverage,
  type SessionLife,
} from './dashboard.queries.ts'

export interface DashboardDeps {
  readonly db: Store
  readonly clock: Clock
  readonly settings: Pick<SettingsInForce, 'current'>
  readonly guesses: GuessLimit
}

type Dashboard = Output<'system.dashboard'>

const hourMs = 3_600_000
const hoursShown = 24
/** Two weeks are enough to make the next token and bring it to where it is used. */
const tokenExpiringDays = 14
/** What ran monthly would have called by now. */
const tokenUnusedDays = 30
/** Three codes are one bad week. */
const backupCodesLowMax = 3

/** The figures of the security dashboard at this moment: three queries, side by side. */
export async function readDashboard({ db, clock, settings, guesses }: DashboardDeps): Promise<Dashboard> {
  const now = clock.now()
  const hours = hoursUpTo(now)
  const failedSince = hours[0] ?? now
  const terms = {
    now,
    failedSince,
    lives: livesOf(await settings.current()),
    guesses,
    tokenExpiringDays,
    tokenUnusedDays,
    backupCodesLowMax,
  }
  const [counts, coverage, failed] = await Promise.all([
    readDashboardCounts(db, terms),
    readCoverage(db),
    readFailedLogins(db, failedSince),
  ])
  const failedLoginsByHour = hours.map((hour) => ({ hour, count: countIn(failed, hour) }))
  return {
    at: now,
    ...counts,
    coverage: everyRole(coverage),
    failedLogins: failedLoginsByHour.reduce((sum, { count }) => sum + count, 0),
    failedLoginsByHour,
  }
}

/** The last 24 hours of the clock, the one that runs now included. */
function hoursUpTo(now: Date): readonly Date[] {
  const current = Math.floor(now.getTime() / hourMs) * hourMs
  return Array.from({ length: hoursShown }, (_, index) => new Date(current - (hoursShown - 1 - index) * hourMs))
}

const countIn = (failed: readonly FailedHour[], hour: Date): number =>
  failed.find((one) => hour.toISOString().startsWith(one.hour))?.count ?? 0

/** Also of roles that nobody has: their absence is a fact, too. */
const everyRole = (coverage: readonly RoleCoverage[]): Dashboard['coverage'] =>
  roles.map(
    (role) => coverage.find((one) => one.role === role) ?? { role, people: 0, enrolled: 0, phishingResistant: 0 },
  )

/** A session is alive as long as authentication would still admit it, so the lag of its last use counts here, too. */
const livesOf = ({ limits }: GatehouseSettingsInForce): readonly SessionLife[] =>
  roles.map((role) => ({
    role,
    idleSeconds: limits[role].sessionIdleSeconds + touchSeconds(limits[role]),
    absoluteSeconds: limits[role].sessionAbsoluteSeconds,
  }))
