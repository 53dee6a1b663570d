/** What one check looks at, on behalf of all streams that share it. */
export interface RecheckMember {
  /** Streams with the same key are of one credential and ask the same: one check is for all of them. */
  readonly key: string
  /** Throws when the stream may not go on. */
  readonly check: () => Promise<void>
  /** Called once, with what the check threw. */
  readonly end: (error: unknown) => void
}

/** A stream's part in the checks of its group. */
export interface RecheckSeat {
  /** Resolves once the last good check is young enough to give an item out; rejects when it may not be. */
  fresh(): Promise<void>
  leave(): void
}

export interface Rechecks {
  join(member: RecheckMember): RecheckSeat
}

interface Group {
  readonly members: Set<RecheckMember>
  readonly fresh: () => Promise<void>
  readonly stop: () => void
}

/** Proves and decides the callers of streams again, once for all the streams of a credential that ask the same. */
export function createRechecks(everyMilliseconds: number): Rechecks {
  const groups = new Map<string, Group>()

  const remove = (member: RecheckMember, group: Group): void => {
    if (!group.members.delete(member) || group.members.size > 0) return
    group.stop()
    if (groups.get(member.key) === group) groups.delete(member.key)
  }

  return {
    join: (member) => {
      const group = groups.get(member.key) ?? createGroup(member.check, everyMilliseconds)
      groups.set(member.key, group)
      group.members.add(member)
      return { fresh: group.fresh, leave: () => remove(member, group) }
    },
  }
}

/** The first member was proved and decided a moment ago: that is the group's first check. */
function createGroup(check: () => Promise<void>, everyMilliseconds: number): Group {
  const members = new Set<RecheckMember>()
  let checkedAt = performance.now()
  let checking: Promise<void> | null = null

  const run = async (): Promise<void> => {
    const begunAt = performance.now()
    try {
      await check()
      checkedAt = begunAt
    } catch (error) {
      for (const member of Array.from(members)) member.end(error)
      throw error
    } finally {
      checking = null
    }
  }
  const once = (): Promise<void> => (checking ??= run())

  const timer = setInterval(() => void once().catch(() => undefined), everyMilliseconds)
  timer.unref()
  return {
    members,
    fresh: () => (performance.now() - checkedAt < everyMilliseconds * staleAfterChecks ? Promise.resolve() : once()),
    stop: () => clearInterval(timer),
  }
}

/** A check takes its time, and timers come late: only a caller whose last check failed to come holds items up. */
const staleAfterChecks = 1.5
