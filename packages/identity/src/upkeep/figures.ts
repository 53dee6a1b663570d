import { selectRefusalsByHour, type RefusedHour } from '@gatehouse/audit'
import { roles } from '@gatehouse/contract'
import type { Store } from '@gatehouse/database'
import type { Figures } from '@gatehouse/enforcement'
import { touchSeconds } from '../session/session-limits.ts'
import type { GatehouseSettingsInForce, SettingsInForce } from '../shared/settings.ts'
import {
  readCoverage,
  readFigureCounts,
  type GuessLimit,
  type RoleCoverage,
  type SessionLife,
} from './figures.queries.ts'

export interface FigureDeps {
  readonly db: Store
  readonly settings: Pick<SettingsInForce, 'current'>
  readonly guesses: GuessLimit
}

const hourMs = 3_600_000
const hoursShown = 24
/** Two weeks are enough to make the next token and bring it to where it is used. */
const tokenExpiringDays = 14
/** What ran monthly would have called by now. */
const tokenUnusedDays = 30
/** Three codes are one bad week. */
const backupCodesLowMax = 3

/**
 * Operations by which somebody proves at log-in who they are. Each wrong password, code and key stands in the audit log
 * by itself.
 */
const logInActions = ['auth.login', 'auth.completeMfa', 'auth.passkeyComplete'] as const

/** Identity's figures on the dashboard at this moment: three queries, side by side. */
export async function readFigures({ db, settings, guesses }: FigureDeps, now: Date): Promise<Figures> {
  const hours = hoursUpTo(now)
  const lives = livesOf(await settings.current())
  const [counts, coverage, failed] = await Promise.all([
    readFigureCounts(db, { now, lives, guesses, tokenExpiringDays, tokenUnusedDays, backupCodesLowMax }),
    readCoverage(db),
    selectRefusalsByHour(db, { actions: logInActions, code: 'invalid-credentials', since: hours[0] ?? now }),
  ])
  const failedLoginsByHour = hours.map((hour) => ({ hour, count: countIn(failed, hour) }))
  return {
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

const countIn = (failed: readonly RefusedHour[], hour: Date): number =>
  failed.find((one) => hour.toISOString().startsWith(one.hour))?.count ?? 0

/** Also of roles that nobody has: their absence is a fact, too. */
const everyRole = (coverage: readonly RoleCoverage[]): Figures['coverage'] =>
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
