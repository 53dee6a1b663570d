import { setTimeout as sleep } from 'node:timers/promises'
import { Refusal } from '@gatehouse/contract'
import type { Store } from '@gatehouse/database'
import type { Clock, Random } from '@gatehouse/enforcement'
import type { Outbound } from '@gatehouse/kit/outbound'
import type { Authorities } from './authorities.ts'
import { coalesce } from '@gatehouse/kit'
import { contactHost, located, steadily } from './contact.ts'
import { HostAccessError, openHostAccess, type HostAccess } from './host-access/index.ts'
import { hostCredential } from './host-credential.ts'
import { gotIn } from './host-refusal.ts'
import { authorizedKeysPath, lineOf, sumChanges, writeBlock, type BlockChange } from './managed-keys.ts'
import { claimHostKeys } from './ssh-host-key.queries.ts'
import {
  noteContact,
  noteKeySeen,
  readHost,
  releaseHostLock,
  takeHostLock,
  type SshHostRow,
} from './ssh-host.queries.ts'
import { clearPresence, readKeysOnHost, type SshKeyRow } from './ssh-key.queries.ts'
import type { SshSettings } from './ssh-settings.ts'
import { lockSeconds, lockWaitSecondsMax, visitSecondsMax } from './visit-times.ts'
import { fingerprint, parsePublicKeyLine, type PublicKey } from './wire/index.ts'

/** What a visit to a host needs. */
export interface HostsDeps {
  readonly db: Store
  readonly clock: Clock
  readonly random: Random
  readonly authorities: Authorities
  readonly settings: SshSettings
  readonly outbound: Outbound
}

/** What a visit left on the host. */
export interface AppliedHost extends BlockChange {
  /** Ids of the keys whose lines are there now. */
  readonly present: ReadonlySet<string>
}

/**
 * Hosts as Gatehouse deals with them. Every method throws `HostAccessError`, `ManagedBlockError` or a refusal, and has
 * noted what the contact showed.
 */
export interface Hosts {
  /** Makes our block in the host's files say what the rows say. No transaction is open meanwhile. */
  apply(hostId: string): Promise<AppliedHost>
  /** Proves that the host holds its pinned key and lets us in. */
  probe(hostId: string): Promise<void>
  /** Whether a key stands in the account's file, in whatever line, and which file that is. */
  holdsKey(hostId: string, wanted: KeyOnHost): Promise<{ readonly there: boolean; readonly path: string }>
  /** Proves that the host holds its pinned key, whether it lets us in or not. */
  prove(hostId: string): Promise<void>
}

/** A key and the account that it would let in. */
export interface KeyOnHost {
  readonly login: string
  readonly key: PublicKey
}

const lockPollMilliseconds = 100

/** What is kept of a failure on the host's row. */
const errorCharsMax = 240

/** Creates the visitor of hosts. In one process, callers for one host share visits. */
export function createHosts(deps: HostsDeps): Hosts {
  return {
    apply: coalesce((hostId) =>
      locked(deps, hostId, () => visit(deps, hostId, (host, access) => applyRows(deps, host, access))),
    ),
    probe: (hostId) => visit(deps, hostId, (_, access) => access.probe()),
    holdsKey: (hostId, wanted) => visit(deps, hostId, (host, access) => holdsKey(access, host, wanted)),
    prove: (hostId) => prove(deps, hostId),
  }
}

async function prove(deps: HostsDeps, hostId: string): Promise<void> {
  const { db, clock } = deps
  const host = await readHost(db, hostId)
  if (host === null) throw new Refusal('not-found')
  const { shown, proved } = await contactHost(deps, host, parsePublicKeyLine(host.host_key))
  if (!proved)
    throw new HostAccessError('host-key-mismatch', `the host shows ${shown.map(fingerprint).join(', ')} instead`)
  await db.transaction().execute(async (tx) => {
    const taken = await claimHostKeys(tx, {
      hostId,
      workspaceId: host.workspace_id,
      fingerprints: shown.map(fingerprint),
      anyWorkspace: false,
    })
    if (taken.length > 0)
      throw new Refusal('conflict', { hint: 'another registered host has one of the keys that this host shows' })
    await noteKeySeen(tx, host, clock.now())
  })
}

async function locked<T>({ db, clock, random }: HostsDeps, hostId: string, work: () => Promise<T>): Promise<T> {
  const holder = random.id()
  const giveUpAt = clock.now().getTime() + lockWaitSecondsMax * 1000
  for (;;) {
    const now = clock.now()
    if (await takeHostLock(db, { hostId, holder, now, expiresAt: new Date(now.getTime() + lockSeconds * 1000) })) break
    if (now.getTime() >= giveUpAt)
      throw new Refusal('unavailable', { hint: 'another node has been writing to this host for too long; try again' })
    await sleep(lockPollMilliseconds)
  }
  try {
    return await work()
  } finally {
    await releaseHostLock(db, { hostId, holder })
  }
}

/** One connection to one host, within its time, and a note of how it went. */
async function visit<T>(
  deps: HostsDeps,
  hostId: string,
  work: (host: SshHostRow, access: HostAccess) => Promise<T>,
): Promise<T> {
  const { db, clock, settings } = deps
  const host = await readHost(db, hostId)
  if (host === null) throw new Refusal('not-found')
  try {
    const result = await steadily(settings.contactSeconds, () => visitOnce(deps, host, work))
    await noteContact(db, hostId, { at: clock.now(), reachable: true, error: null })
    await noteKeySeen(db, host, clock.now())
    return result
  } catch (error) {
    await noteContact(db, hostId, {
      at: clock.now(),
      reachable: gotIn(error),
      error: error instanceof Error ? error.message.slice(0, errorCharsMax) : 'the contact failed',
    })
    throw error
  }
}

async function visitOnce<T>(
  deps: HostsDeps,
  host: SshHostRow,
  work: (host: SshHostRow, access: HostAccess) => Promise<T>,
): Promise<T> {
  const { clock, outbound, settings } = deps
  const address = await located(outbound, host)
  const access = openHostAccess({
    host: {
      address,
      port: host.port,
      user: host.user_name,
      hostKeyLine: host.host_key,
      // a second below the time that every failure takes
      connectSeconds: Math.max(1, Math.floor(settings.contactSeconds) - 1),
    },
    credential: await hostCredential({ ...deps, host, now: clock.now() }),
  })
  try {
    return await within(settings.visitSeconds ?? visitSecondsMax, work(host, access), access)
  } finally {
    await access.close()
  }
}

/** Reads the rows once the host is ours, so that whoever waited for this visit is in it. */
async function applyRows({ db, clock }: HostsDeps, host: SshHostRow, access: HostAccess): Promise<AppliedHost> {
  await access.probe()
  const now = clock.now()
  const keys = await readKeysOnHost(db, host.id)
  const living = keys.filter((key) => key.wanted && key.expires_at > now)
  const changes: BlockChange[] = []
  for (const path of pathsOf(host, keys)) changes.push(await writeBlock(access, path, linesFor(host, living, path)))
  const present = new Set(living.map(({ id }) => id))
  await clearPresence(
    db,
    keys.filter(({ id }) => !present.has(id)).map(({ id }) => id),
    now,
  )
  return { ...sumChanges(changes), present }
}

async function holdsKey(access: HostAccess, host: SshHostRow, { login, key }: KeyOnHost) {
  const path = authorizedKeysPath(host, login)
  const file = await access.readFile(path)
  const text = file === null ? '' : Buffer.from(file.bytes).toString('latin1')
  return { there: text.includes(Buffer.from(key.blob).toString('base64')), path }
}

/** Files that may hold lines of ours: the account's own, and those of every account we have keys for. */
const pathsOf = (host: SshHostRow, keys: readonly SshKeyRow[]): ReadonlySet<string> =>
  new Set([host.user_name, ...keys.map(({ user_name }) => user_name)].map((login) => authorizedKeysPath(host, login)))

const linesFor = (host: SshHostRow, keys: readonly SshKeyRow[], path: string): string[] =>
  keys.filter(({ user_name }) => authorizedKeysPath(host, user_name) === path).map(lineOf)

/** Cuts the connection when the time is over, so that nothing is written after the lock has passed on. */
async function within<T>(seconds: number, work: Promise<T>, access: HostAccess): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      void access.close()
      reject(new HostAccessError('unreachable', `the host did not finish within ${seconds} s`))
    }, seconds * 1000)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
    work.catch(() => undefined) // once cut, its own failure is nobody's
  }
}
