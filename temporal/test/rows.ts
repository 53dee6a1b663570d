import {
  newRequest,
  newSession,
  reviewDueSeconds,
  secondsLeft,
  sessionDueSeconds,
  stepRequest,
  stepSession,
  type RequestEvent,
  type RequestStanding,
  type SessionEvent,
  type SessionStanding,
} from '@gatehouse/breakglass/transitions'
import type { AlertSeverity } from '@gatehouse/contract'
import { rowLookSeconds, type RowClock } from '@gatehouse/enforcement'
import { breachClocks, respondBy, type DueClock } from '@gatehouse/incidents/transitions'
import { leavingStep, nextOfKey, nextRotation, type ClockStanding } from '@gatehouse/keys/transitions'

/** What people were told, and how many seconds after the row began. */
export type Told = readonly [what: string, afterSeconds: number]

/** A row in memory that its domain's own transitions move, by the time of the test server. */
export interface TestRow {
  readonly clock: RowClock
  readonly told: Told[]
  /** How often it was looked at. */
  looks(): number
}

interface Life {
  readonly due: (now: Date) => number | null
  /** Does what is due, and says what people are told of it. */
  readonly run: (now: Date) => readonly string[]
}

async function rowOf(kind: RowClock['kind'], now: () => Promise<Date>, begin: (at: Date) => Life): Promise<TestRow> {
  const began = await now()
  const life = begin(began)
  const told: Told[] = []
  let looks = 0
  const dueInSeconds = async (): Promise<number | null> => {
    looks += 1
    return life.due(await now())
  }
  const clock: RowClock = {
    kind,
    livingIds: () => Promise.resolve([]),
    dueInSeconds,
    run: async () => {
      const at = await now()
      for (const what of life.run(at)) told.push([what, Math.round((at.getTime() - began.getTime()) / 1000)])
      return life.due(await now())
    },
  }
  return { clock, told, looks: () => looks }
}

/** A request that is asked for now; `happens` does something to it. */
export async function requestRow(
  now: () => Promise<Date>,
): Promise<TestRow & { happens(event: RequestEvent): Promise<boolean>; standing(): RequestStanding }> {
  let row = newRequest(await now())
  const look = (at: Date): RequestStanding => stepRequest(row, { type: 'looked' }, { now: at, measuredMs: 0 }) ?? row
  const isOver = (): boolean => row.state !== 'pending' && row.state !== 'approved'
  const made = await rowOf('break-glass', now, () => ({
    due: (at) => {
      if (row.state === 'active') return rowLookSeconds
      if (isOver()) return null
      const seen = look(at)
      return seen.state === 'lapsed' ? 0 : (secondsLeft(seen) ?? 0)
    },
    run: (at) => {
      const before = row.state
      row = look(at)
      return row.state === before ? [] : [row.state]
    },
  }))
  return {
    ...made,
    standing: () => row,
    happens: async (event) => {
      const next = stepRequest(row, event, { now: await now(), measuredMs: 0 })
      row = next ?? row
      return next !== null
    },
  }
}

/** A session that begins now. */
export async function sessionRow(
  now: () => Promise<Date>,
  durationSeconds: number,
): Promise<TestRow & { happens(event: SessionEvent): Promise<void>; review(): void }> {
  let row = newSession(durationSeconds, await now())
  let toldAt = null as Date | null // assigned in closures, which narrowing does not see
  let endedAt = null as Date | null // as above
  let reviewed = false
  const everybody = { type: 'looked', requesterActive: true, approversActive: true } as const
  const step = (event: SessionEvent, at: Date): SessionStanding =>
    stepSession(row, event, { now: at, measuredMs: 0 }) ?? row
  const review = (at: Date) => (endedAt === null ? null : reviewDueSeconds({ endedAt, toldAt }, at))
  const keep = (next: SessionStanding, at: Date): void => {
    row = next
    if (row.endedBy !== null) endedAt ??= at
  }
  const made = await rowOf('emergency-session', now, () => ({
    due: (at) => {
      if (reviewed) return null
      if (endedAt) return review(at)
      const seen = step(everybody, at)
      return seen.endedBy !== null || seen.warned > row.warned ? 0 : sessionDueSeconds(seen)
    },
    run: (at) => {
      if (endedAt) {
        toldAt = at
        return ['overdue']
      }
      const before = row
      keep(step(everybody, at), at)
      if (row.endedBy !== null) return [row.endedBy]
      return row.warned > before.warned ? [`warning ${row.warned}`] : []
    },
  }))
  return {
    ...made,
    happens: async (event) => {
      const at = await now()
      keep(step(event, at), at)
    },
    review: () => {
      reviewed = true
    },
  }
}

/** An incident that is detected now; unless it says otherwise critical, and a breach of personal data. */
export async function incidentRow(
  now: () => Promise<Date>,
  { severity = 'critical', breach = true }: { readonly severity?: AlertSeverity; readonly breach?: boolean } = {},
): Promise<TestRow & { respond(): void; close(): void }> {
  let clocks: DueClock[] = []
  let isOver = false
  const made = await rowOf('incident', now, (at) => {
    clocks = [{ name: 'respond', dueAt: respondBy(severity, at) }, ...(breach ? breachClocks(at, at) : [])]
    return {
      due: (when) => {
        if (isOver) return null
        const [next] = clocks
        return next === undefined ? rowLookSeconds : (next.dueAt.getTime() - when.getTime()) / 1000
      },
      run: (when) => {
        const fired = clocks.filter(({ dueAt }) => dueAt <= when)
        clocks = clocks.filter(({ dueAt }) => dueAt > when)
        return fired.map(({ name }) => name)
      },
    }
  })
  return {
    ...made,
    respond: () => {
      clocks = clocks.filter(({ name }) => name !== 'respond')
    },
    close: () => {
      isOver = true
      clocks = []
    },
  }
}

/** A key that is made now, with a period. Its first version encrypted something, which `rewrap` moves. */
export async function keyRow(
  now: () => Promise<Date>,
  rotationDays: number,
): Promise<TestRow & { rewrap(): void; disable(): void }> {
  let key: ClockStanding = {
    state: 'enabled',
    currentVersion: 1,
    minimumVersion: 1,
    needed: false,
    settledSince: null,
    rotateAt: nextRotation(rotationDays, await now()),
  }
  const rotate = (when: Date): void => {
    const { currentVersion } = key
    key = { ...key, currentVersion: currentVersion + 1, needed: true, settledSince: null }
    key = { ...key, rotateAt: nextRotation(rotationDays, when) }
  }
  const leave = (when: Date): string[] => {
    const step = leavingStep(key, when)
    if (step === 'settle') key = { ...key, settledSince: when }
    if (step !== 'close') return []
    key = { ...key, minimumVersion: key.currentVersion, settledSince: null }
    return [`closed before ${key.minimumVersion}`]
  }
  const made = await rowOf('key-rotation', now, () => ({
    due: (when) => {
      const next = nextOfKey(key, when)
      if (next === null) return null
      return next === 'somebody' ? rowLookSeconds : (next.getTime() - when.getTime()) / 1000
    },
    run: (when) => {
      const isDue = key.rotateAt !== null && key.rotateAt <= when
      if (isDue) rotate(when)
      return [...(isDue ? [`rotated to ${key.currentVersion}`] : []), ...leave(when)]
    },
  }))
  return {
    ...made,
    rewrap: () => {
      key = { ...key, needed: false }
    },
    disable: () => {
      key = { ...key, state: 'disabled' }
    },
  }
}
