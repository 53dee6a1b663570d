import { setTimeout as sleep } from 'node:timers/promises'
import { alertKinds, systemId, type AlertKind, type AlertKindData, type ResourceType } from '@gatehouse/contract'
import type { Store, Transaction } from '@gatehouse/database'
import type { Alerts, Clock } from '@gatehouse/enforcement'
import { countInWindow } from './alert.queries.ts'
import type { AlertToRaise, RaiseAlert } from './raised-alert.ts'

/** The port of those who find something outside of a transaction of their own, and cannot wait. */
export interface AlertPort extends Alerts<AlertKind> {
  /** So many sessions, tokens or leases were revoked at once; too many in a while are an alert. */
  noteRevocations(count: number): void
  /** Until then what was raised waits: the first parts of a process find faults before its database is open. */
  open(how: AlertWriting): void
  /** Writes what waits, if the database takes it within two seconds. */
  close(): Promise<void>
}

/** By what it is written. */
export interface AlertWriting {
  readonly db: Store
  readonly clock: Clock
  readonly raiseAlert: RaiseAlert
  /** So many revocations within the window are an alert. */
  readonly revocationSpike: (tx: Transaction) => Promise<number>
}

export interface AlertPortOptions {
  /** Told of each at once: a line in the log. */
  readonly log: (kind: AlertKind, detail: Readonly<Record<string, unknown>>) => void
  readonly onError: (error: unknown) => void
}

/** More that wait than this are a flood, or a database that is away: the log has them, and the rest is lost. */
const waitingMax = 1000
const pauseAfterFailureMilliseconds = 2000
const closeMillisecondsMax = 2000
/** The window of revocations, as the setting's words have it. */
const spikeWindowSeconds = 300

/** One thing to write. Answers what is to be done once it is committed; a job that failed is done again. */
type Job = (tx: Transaction, how: AlertWriting) => Promise<() => void>

/**
 * Opens it. What is raised is written soon after, in the order in which it came; the same thing that comes again before
 * that is written once. It is for what is found in passing: what has a transaction raises in that.
 */
export function createAlertPort({ log, onError }: AlertPortOptions): AlertPort {
  const waiting = new Map<string, Job>()
  const stop = new AbortController()
  let revocations = 0
  let closing = false
  let more: () => void = () => undefined
  let writing: Promise<void> = Promise.resolve()

  const later = (key: string, job: Job): void => {
    if (waiting.has(key) || waiting.size < waitingMax) waiting.set(key, job)
    more()
  }
  const anyMore = (): Promise<void> =>
    new Promise((resolve) => {
      more = resolve
      if (closing || waiting.size > 0) resolve()
    })
  const write = async (how: AlertWriting, [key, job]: readonly [string, Job]): Promise<void> => {
    waiting.delete(key)
    try {
      const committed = await how.db.transaction().execute((tx) => job(tx, how))
      committed()
    } catch (error) {
      onError(error)
      if (!waiting.has(key)) waiting.set(key, job)
      await sleep(pauseAfterFailureMilliseconds, undefined, { signal: stop.signal }).catch(() => undefined)
    }
  }
  const writeAll = async (how: AlertWriting): Promise<void> => {
    while (!stop.signal.aborted) {
      const [next] = waiting
      if (next !== undefined) await write(how, next)
      else if (closing) return
      else await anyMore()
    }
  }

  return {
    raise: (kind, detail) => {
      log(kind, detail)
      const alert = alertFromDetail(kind, detail)
      later(`${kind} ${alert.dedupeKey}`, async (tx, { raiseAlert }) => {
        await raiseAlert(tx, alert)
        return () => undefined
      })
    },
    noteRevocations: (count) => {
      revocations += count
      later('revocations', async (tx, how) => {
        const counted = revocations
        await countRevocations(tx, how, counted)
        return () => {
          revocations -= counted
        }
      })
    },
    open: (how) => {
      writing = writeAll(how)
    },
    close: async () => {
      closing = true
      more()
      await Promise.race([writing, sleep(closeMillisecondsMax, undefined, { ref: false })])
      stop.abort()
    },
  }
}

/** All nodes count in one row; the one that comes over the threshold raises. */
async function countRevocations(tx: Transaction, how: AlertWriting, counted: number): Promise<void> {
  if (counted === 0) return
  const [now, most] = [how.clock.now(), await how.revocationSpike(tx)]
  const total = await countInWindow(tx, { name: 'revocations', counted, now, windowSeconds: spikeWindowSeconds })
  if (total < most || total - counted >= most) return
  const { kind, about, dedupeKey } = alertFromDetail('revocation-spike', {})
  const facts = { revocations: total, windowSeconds: spikeWindowSeconds }
  await how.raiseAlert(tx, { kind, about, dedupeKey, facts })
}

/** What each kind is about, by the field of its detail that holds the id; what is not here is about the whole. */
const aboutField: { readonly [K in AlertKind]?: readonly [type: ResourceType, field: string] } = {
  'auth-failures': ['User', 'user'],
  'webauthn-backup-changed': ['Authenticator', 'authenticator'],
  'webauthn-counter-rollback': ['Authenticator', 'authenticator'],
  'lease-irrevocable': ['Lease', 'lease'],
  'lease-revocation-failed': ['Lease', 'lease'],
}

/** By what two of a kind that is about the whole are the same; what is not here is the same whatever it says. */
const sameBy: { readonly [K in AlertKind]?: readonly string[] } = {
  'policy-error': ['action', 'version'],
  'policy-record-failed': ['node'],
  'policy-reload-refused': ['node'],
  'kms-error': ['kek', 'use'],
}

/** Those facts alone that its kind declares. */
export function alertFromDetail(kind: AlertKind, detail: Readonly<Record<string, unknown>>): AlertToRaise {
  const { facts }: AlertKindData = alertKinds[kind]
  const [type, field] = aboutField[kind] ?? ['System', null]
  const id = field === null ? systemId : String(detail[field])
  const parts = (sameBy[kind] ?? []).map((one) => String(detail[one]))
  const known = Object.keys(facts).flatMap((name) => (detail[name] === undefined ? [] : [[name, factOf(detail[name])]]))
  return { kind, about: { type, id }, dedupeKey: [id, ...parts].join(' '), facts: Object.fromEntries(known) }
}

const factOf = (value: unknown): string | number | boolean | null => {
  if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
    return value
  return Array.isArray(value) ? value.map(String).join('\n') : JSON.stringify(value)
}
