import { createHash } from 'node:crypto'
import { Refusal } from '@gatehouse/contract'
import type { Store } from '@gatehouse/database'
import type { Caller, Clock, Limiter, Principal } from '@gatehouse/enforcement'
import { looksLikeApiToken } from '@gatehouse/identity'
import { addressKey, UnavailableError } from '@gatehouse/kit'
import { claimFromBucket, deleteOldBuckets, forgottenAtOnce } from './rate-bucket.queries.ts'

const windowSeconds = 60
const windowMilliseconds = windowSeconds * 1000
/** Calls are claimed in blocks, so that a busy session costs one write in ten calls … */
const blockSize = 10
/** … and one by one near the end, so that the limit is exact there. */
const singlyWithin = 20
/** An office shares one address: it has this many times what one session has. */
const addressFactor = 10
/** Keys kept in memory; the oldest go first. A flood of addresses costs memory up to here and no further. */
const keysMax = 50_000
/** Old buckets are deleted this often. */
const cleanEveryMilliseconds = 300_000

interface KeyState {
  readonly windowStart: number
  readonly prepaid: number
  readonly refusedUntil: number
}

export interface LimiterDeps {
  /**
   * A pool whose commits are not waited for (`synchronous_commit=off`): losing a count in a crash of the server is
   * fine.
   */
  readonly db: Store
  readonly clock: Clock
  readonly perMinute: number
  /** Of a program whose token is bound: it is known by more than an address, and may ask for many. */
  readonly servicePerMinute: number
  readonly isExempt: (address: string) => boolean
  /** Told why old buckets could not be deleted: unseen, the table grows by a row for each address that ever asked. */
  readonly onError: (error: unknown) => void
}

/** Counts requests at the door, before anything of them is read, and the further calls that they carry. */
export interface DoorLimiter extends Limiter {
  /** Throws `Refusal('rate-limited')`, or `unavailable` when it cannot count. */
  admitRequest(caller: Shown): Promise<void>
  /** Says whose request was counted at the door: the first call of it is not counted a second time. */
  entered(caller: Caller): void
  close(): void
}

/** Counts per address and session in two-bucket sliding windows that all nodes share. */
export function createLimiter(deps: LimiterDeps): DoorLimiter {
  const counted = new WeakSet<Caller>()
  const admit = createWindows(deps)
  const cleaning = setInterval(() => void forgetOldBuckets(deps), cleanEveryMilliseconds)
  cleaning.unref()

  const services = createKnownServices(deps.clock)

  const admitRequest = async (caller: Shown): Promise<void> => {
    if (deps.isExempt(caller.address)) return
    const service = services.find(caller)
    await orUnavailable(
      service === null
        ? admit(`address:${addressKey(caller.address)}`, deps.perMinute * addressFactor)
        : admit(`door:${service}`, deps.servicePerMinute),
    )
  }

  return {
    admitRequest,
    entered: (caller) => void counted.add(caller),
    admitAddress: async (caller) => {
      if (!counted.delete(caller)) await admitRequest(caller)
    },
    admitCaller: async (principal, caller) => {
      if (deps.isExempt(caller.address)) return
      const isService = principal.type === 'Service' && principal.bound
      if (isService) services.remember(caller, principal.id)
      await orUnavailable(admit(keyOf(principal, caller.address), isService ? deps.servicePerMinute : deps.perMinute))
    },
    close: () => clearInterval(cleaning),
  }
}

/** Who asks, as far as anybody knows before it was looked up. */
type Shown = Pick<Caller, 'address' | 'credential'>

/** Tokens of programs that a node remembers at once: more than ask within a minute. */
const knownServicesMax = 10_000

/**
 * Programs that were proved within the last minute, by their token and where it came from. At the door they count by
 * themselves: the address of a cluster's way out has many of them behind it. Whoever shows their token from elsewhere
 * counts by where they are, so that a stolen one shuts nobody out.
 */
function createKnownServices(clock: Clock) {
  const known = new Map<string, { readonly id: string; readonly until: number }>()
  const keyOfShown = ({ address, credential }: Shown): string | null =>
    credential === null || !looksLikeApiToken(credential)
      ? null
      : `${createHash('sha256').update(credential).digest('base64url')} ${address}`
  return {
    find: (shown: Shown): string | null => {
      const key = keyOfShown(shown)
      const found = key === null ? undefined : known.get(key)
      return found !== undefined && found.until > clock.now().getTime() ? found.id : null
    },
    remember: (shown: Shown, id: string): void => {
      const key = keyOfShown(shown)
      if (key === null) return
      known.delete(key)
      const oldest = known.size < knownServicesMax ? undefined : known.keys().next().value
      if (oldest !== undefined) known.delete(oldest)
      known.set(key, { id, until: clock.now().getTime() + windowMilliseconds })
    },
  }
}

interface Claim {
  readonly key: string
  readonly limit: number
  /** Milliseconds, like the start of the window that it lies in. */
  readonly now: number
  readonly windowStart: number
}

/** What a caller is counted by: their session, the program, or, without either, the address. */
function keyOf(principal: Principal, address: string): string {
  if (principal.type === 'User') return `session:${principal.session.id}`
  return principal.type === 'Service' ? `service:${principal.id}` : `anonymous:${addressKey(address)}`
}

/** Deletes the buckets that can no longer count. Never rejects: what fails is told, and tried again the next time. */
export async function forgetOldBuckets({
  db,
  clock,
  onError,
}: Pick<LimiterDeps, 'db' | 'clock' | 'onError'>): Promise<void> {
  const before = new Date(clock.now().getTime() - 2 * windowMilliseconds)
  try {
    while ((await deleteOldBuckets(db, before)) === forgottenAtOnce);
  } catch (error) {
    onError(error)
  }
}

/** Admits one more of a key within its limit a minute; throws `Refusal('rate-limited')` beyond it. */
function createWindows(deps: LimiterDeps): (key: string, limit: number) => Promise<void> {
  const states = new Map<string, KeyState>()

  const remember = (key: string, state: KeyState): void => {
    states.delete(key)
    states.set(key, state)
    const oldest = states.size > keysMax ? states.keys().next() : undefined
    if (oldest?.value !== undefined) states.delete(oldest.value)
  }

  /** One claim of a key at a time: a batch of twenty calls shall not take twenty blocks. */
  const claiming = new Map<string, Promise<void>>()

  const admit = async (key: string, limit: number): Promise<void> => {
    for (;;) {
      const now = deps.clock.now().getTime()
      const windowStart = Math.floor(now / windowMilliseconds) * windowMilliseconds
      const known = states.get(key)
      // what was refused in a window that is yet to come was so by a clock that has been set back since
      if (known !== undefined && known.windowStart <= windowStart && known.refusedUntil > now)
        throw refusal(known.refusedUntil - now)
      if (known !== undefined && known.windowStart === windowStart && known.prepaid > 0) {
        remember(key, { ...known, prepaid: known.prepaid - 1 })
        return
      }
      const other = claiming.get(key)
      if (other === undefined) return claimAlone({ key, limit, now, windowStart })
      await other.catch(notCounted) // its refusal is its own; what it left is looked at again
    }
  }

  const claimAlone = async (one: Claim): Promise<void> => {
    const { key } = one
    const mine = claim(one)
    claiming.set(key, mine)
    try {
      await mine
    } finally {
      claiming.delete(key)
    }
  }

  const claim = async ({ key, limit, now, windowStart }: Claim): Promise<void> => {
    const share = 1 - (now - windowStart) / windowMilliseconds
    const count = (amount: number) =>
      claimFromBucket(deps.db, { key, windowStart: new Date(windowStart), windowSeconds, amount })
    const { current, previous } = await count(1)
    const used = current + previous * share
    if (used > limit) {
      const waitMilliseconds = Math.max(1000, waitFor({ current, previous, limit, now, windowStart }))
      remember(key, { windowStart, prepaid: 0, refusedUntil: now + waitMilliseconds })
      throw refusal(waitMilliseconds)
    }
    const roomy = limit - used > singlyWithin + blockSize
    if (roomy) await count(blockSize - 1)
    remember(key, { windowStart, prepaid: roomy ? blockSize - 1 : 0, refusedUntil: 0 })
  }

  return admit
}

/** With a database that hangs those who wait for a claim would each wait for one of their own, one after the other. */
function notCounted(error: unknown): void {
  if (!(error instanceof Refusal)) throw error
}

/** When the sliding estimate falls below the limit again. */
function waitFor({
  current,
  previous,
  limit,
  now,
  windowStart,
}: {
  current: number
  previous: number
  limit: number
  now: number
  windowStart: number
}): number {
  if (current > limit) return windowStart + windowMilliseconds - now + windowMilliseconds * (1 - limit / current)
  const reached = windowMilliseconds * (1 - (limit - current) / previous)
  return windowStart + reached - now
}

const refusal = (milliseconds: number): Refusal =>
  new Refusal('rate-limited', { retryAfterSeconds: Math.ceil(milliseconds / 1000) })

/** A limiter that cannot count lets nobody in. */
async function orUnavailable(counting: Promise<void>): Promise<void> {
  try {
    await counting
  } catch (error) {
    if (error instanceof Refusal) throw error
    const hint = error instanceof UnavailableError ? error.hint : undefined
    const details = { retryAfterSeconds: 1, ...(hint === undefined ? {} : { hint }) }
    throw new Refusal('unavailable', details, { cause: error })
  }
}
