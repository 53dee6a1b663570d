import { randomBytes, randomUUID } from 'node:crypto'
import { availableParallelism } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  createAuditTrail,
  createChange,
  createLedger,
  openCheckpointKey,
  openSubjectKeys,
  startSequencer,
  verifyRecord,
  type Change,
  type RecordCheck,
  type RunningTrail,
  type VerifyThreads,
} from '@gatehouse/audit'
import { operationNames, resourceTypes, type OperationName } from '@gatehouse/contract'
import { openStore, type Store, type Transaction } from '@gatehouse/database'
import {
  anonymous,
  createEnforcer,
  systemRandom,
  uid,
  type AuditDraft,
  type Clock,
  type Decider,
  type Handlers,
  type LoadSlice,
  type Permit,
  type Slices,
  type UserPrincipal,
} from '@gatehouse/enforcement'
import { sealerUnder } from '@gatehouse/keys'
import { startPostgres } from '@gatehouse/testkit/servers'
import { sql } from 'kysely'
import { compileSooner } from '../apps/gateway/src/compile-sooner.ts'
import { compare, median, perSecond, readable, type Row, type Side } from './row.ts'

const writers = 16
const times = 800
/** A round of ours is over in some hundredths of a second: whatever else the machine does is a large part of one. */
const appendRounds = 21
/** Before single entries are timed, of either side: as a gateway has run its code that has served for a while. */
const warmTimes = 4000
const workspace = 'default'
const host = randomUUID()

const clock: Clock = { now: () => new Date() }
const random = systemRandom(clock)
const decider: Decider = {
  decide: () => ({ effect: 'allow', policies: ['operator-ssh'], version: 'bench' }),
  version: () => 'bench',
}

/**
 * What the audit log costs: a domain transaction with its entry against the same one alone, and single entries against
 * one INSERT each.
 */
export async function auditBench(): Promise<Row[]> {
  compileSooner() // as gateways do, which make the entries
  const postgres = await startPostgres({ durability: 'lasting' })
  const { url, adminUrl } = await postgres.createDatabase()
  const [db, admin] = [
    openStore(url, { size: writers, name: 'bench' }),
    openStore(adminUrl, { size: 1, name: 'bench-admin' }),
  ]
  const ledger = createLedger()
  const service = { type: 'Service', id: 'bench', name: 'bench', bound: true } as const
  const sealer = sealerUnder({ id: randomUUID(), key: randomBytes(32) })
  const subjectKeys = await openSubjectKeys({ db, sealer, random, service })
  const trail = createAuditTrail({ url, clock, random, ledger, subjectKeys, onError: fail })
  await prepare(admin)
  const key = await openCheckpointKey({ db, origin: 'gatehouse.bench/audit', file: unkeptSeed() })
  const sequencer = startSequencer({ url, db, key, clock, random, subjectKeys, onError: fail })
  try {
    const change = createChange({
      db,
      slices,
      parents: new Set(['Workspace']),
      decider,
      clock,
      random,
      ledger,
      subjectKeys,
      service,
    })
    return [
      await transactions(db, change, await permitFor(db, trail)),
      await singleEntries(db, trail, writers),
      await singleEntries(db, trail, 16 * writers),
      await verifying(trail, { db, key, subjectKeys, remembered: null, threads: verifyThreads(url) }),
    ]
  } finally {
    await sequencer.close()
    await trail.close()
    await Promise.all([db.destroy(), admin.destroy()])
    await postgres.stop()
  }
}

/**
 * Both do what signing a certificate does: hold the decided row, insert a lease and its certificate, activate the
 * lease; ours adds the entry, its personal values and its place in the queue.
 */
async function transactions(db: Store, change: Change, permit: Permit<'sshHost.register'>): Promise<Row> {
  const ours = parallel('with its entry', () => change(permit, issue, (lease) => ({ resource: uid('Lease', lease) })))
  const alone = parallel('alone', () =>
    db
      .transaction()
      .setIsolationLevel('read committed')
      .execute(async (tx) => {
        await sql`select xmin::text as version from workspace where id = ${workspace} for share`.execute(tx)
        await issue(tx)
      }),
  )
  const peer = { ...alone, settle: () => untilPlaced(db) }
  const { oursMicroseconds, peerMicroseconds, ratio } = await compare(ours, peer, times)
  return {
    id: 'audit.transaction',
    what: `domain transaction with its audit entry, ${writers} writers`,
    ours: `${perSecond(oursMicroseconds)} tx/s`,
    peer: `${perSecond(peerMicroseconds)} tx/s, the same transaction without the entry`,
    ratio: 1 / ratio,
    reads: "transactions per second of ours in units of the peer's, sequencer running; above 0.5 is what is asked",
  }
}

async function singleEntries(db: Store, trail: RunningTrail, width: number): Promise<Row> {
  const ours = { ...parallel('trail', () => trail.record(draft()), width), rounds: appendRounds }
  const insert = parallel('INSERT', () => insertEvent(db, draft()), width)
  const peer = { ...insert, settle: () => untilPlaced(db) }
  for (const side of [ours, peer]) await side.run(warmTimes)
  const { oursMicroseconds, peerMicroseconds, ratio } = await compare(ours, peer, times)
  return {
    id: `audit.append${width}`,
    what: `audit append, ${width} at once`,
    ours: `${readable(oursMicroseconds)} each, durable, queued for the tree`,
    peer:
      `${readable(peerMicroseconds)} one INSERT per event into a table with the same columns and indexes, ` +
      'nothing committed to, nothing provable',
    ratio,
    reads: "time of ours in units of the peer's; ours commits in batches over two connections",
  }
}

/** Entries added before it is timed. */
const verifiedMin = 50_000

/** What is asked of a million entries. */
const verifySecondsMax = 30

const verifyThreads = (url: string): VerifyThreads => ({
  program: new URL('../packages/compose/src/verify-thread.ts', import.meta.url),
  url,
  count: Math.min(4, availableParallelism()),
  leavesMin: 10_000,
})

/** Checks the whole of what the others wrote: every text, leaf, column, sealed value, and the tree. */
async function verifying(trail: RunningTrail, check: RecordCheck): Promise<Row> {
  // so many that starting threads is a small part of it, as it is of a million
  await parallel('trail', () => trail.record(draft()), 16 * writers).run(verifiedMin)
  await untilPlaced(check.db)
  const times: number[] = []
  let size = 0
  for (let round = 0; round < 3; round += 1) {
    const before = performance.now()
    const verdict = await verifyRecord(check)
    times.push((performance.now() - before) / verdict.size)
    if (!verdict.ok) throw new Error(JSON.stringify(verdict.problems))
    size = verdict.size
  }
  const seconds = median(times) * 1000
  return {
    id: null,
    what: `audit verify, ${size} entries`,
    ours: `${readable(median(times) * 1000)} an entry, ${seconds.toFixed(0)} s for a million`,
    peer: `${verifySecondsMax} s for a million is what is asked`,
    ratio: seconds / verifySecondsMax,
    reads: `time of a million by what these took; in ${availableParallelism()} threads, each with its connection`,
  }
}

/** Waits until the sequencer has nothing left to place: the next side would pay for it. */
async function untilPlaced(db: Store): Promise<void> {
  while ((await readPending(db)) > 0) await sleep(100)
}

async function readPending(db: Store): Promise<number> {
  const { rows } = await sql<{ n: number }>`select count(*)::int as n from audit_pending`.execute(db)
  return rows[0]?.n ?? 0
}

/** What an audit table usually is: columns, indexes, an INSERT. */
const insertEvent = (db: Store, { action, outcome, principal, resource, call, input }: AuditDraft) =>
  sql`
  insert into bench_event (
    id, at, action, outcome, principal_type, principal_id, principal_name, resource_type, resource_id, workspace,
    session_id, request_id, effect, ip, user_agent, input)
  values (
    ${random.id()}, ${clock.now()}, ${action}, ${outcome}, ${principal.type}, ${principal.id}, ${person.username},
    ${resource.type}, ${resource.id}, ${workspace},
    ${person.session.id}, ${call.requestId}, 'allow', ${call.address}, ${call.userAgent},
    ${JSON.stringify(input)}::jsonb)`.execute(db)

/** Runs a thing so many times, by so many writers. */
const parallel = (name: string, once: () => Promise<unknown>, width = writers): Side => ({
  name,
  run: async (count) => {
    let left = count
    await Promise.all(
      Array.from({ length: width }, async () => {
        while (left-- > 0) await once()
      }),
    )
  },
})

async function issue(tx: Transaction): Promise<string> {
  const id = randomUUID()
  const now = clock.now()
  await tx
    .insertInto('lease')
    .values({
      id,
      backend: 'ssh-certificate',
      role: 'root',
      workspace_id: workspace,
      purpose: 'bench',
      principal_type: 'User',
      principal_id: person.id,
      principal_name: person.username,
      session_id: person.session.id,
      state: 'pending',
      issued_at: now,
      expires_at: now,
      due_at: now,
      revoke_requested_at: null,
      ended_at: null,
      reason: null,
      last_error: null,
    })
    .execute()
  await tx
    .insertInto('ssh_certificate')
    .values({
      id: randomUUID(),
      lease_id: id,
      host_id: host,
      workspace_id: workspace,
      serial: String(randomBytes(8).readBigUInt64BE()),
      key_id: `gatehouse user=ada lease=${id}`,
      ssh_principals: ['root'],
      source_addresses: ['192.0.2.7/32'],
      public_key: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI',
      fingerprint: 'SHA256:bench',
      certificate: 'ssh-ed25519-cert-v01@openssh.com AAAA'.padEnd(600, 'A'),
      valid_after: now,
      valid_before: now,
      state: 'active',
      revoked_at: null,
    })
    .execute()
  await tx.updateTable('lease').set({ state: 'active' }).where('id', '=', id).execute()
  return id
}

const person: UserPrincipal = {
  type: 'User',
  id: randomUUID(),
  username: 'ada',
  displayName: 'Ada',
  roles: ['Admin'],
  teams: [],
  hasAuthenticator: true,
  missing: [],
  tokenId: 'bench',
  session: {
    id: randomUUID(),
    assurance: 'mfa',
    provedAt: clock.now(),
    authTime: clock.now(),
    expiresAt: new Date(clock.now().getTime() + 3_600_000),
    methods: ['pwd', 'totp'],
  },
}

const facts = () => ({
  requestId: random.id(),
  at: clock.now(),
  address: '192.0.2.7',
  userAgent: 'gatehouse-bench',
  transport: 'trpc' as const,
})
const draft = (): AuditDraft => ({
  action: 'lease.list',
  outcome: 'allowed',
  principal: person,
  resource: uid('System', 'gatehouse'),
  workspace,
  decision: decider.decide({
    principal: uid('User', person.id),
    action: 'lease.list',
    resource: uid('System', 'gatehouse'),
    context: {},
    entities: [],
  }),
  refusal: null,
  input: { first: 50 },
  call: facts(),
})

const loadWorkspace: LoadSlice<Store> = async (db, id) => {
  const { rows } = await sql<{ version: string }>`select xmin::text as version from workspace where id = ${id}`.execute(
    db,
  )
  return rows[0] === undefined
    ? null
    : {
        resource: { type: 'Workspace', id },
        workspace: id,
        entities: [],
        versions: [{ table: 'workspace', id, version: rows[0].version }],
      }
}
// only workspaces are asked for
const slices = Object.fromEntries(resourceTypes.map((type) => [type, loadWorkspace])) as Slices<Store>

/** A permit, which only the enforcer makes: a real call whose handler keeps it. */
async function permitFor(db: Store, trail: RunningTrail): Promise<Permit<'sshHost.register'>> {
  let kept: Permit<'sshHost.register'> | null = null
  const keep = (permit: Permit<OperationName>): Promise<never> => {
    kept = permit as unknown as Permit<'sshHost.register'> // the only operation that is called
    return Promise.reject(new TypeError('kept'))
  }
  const enforcer = createEnforcer<Store>({
    // one for all of them
    handlers: Object.fromEntries(operationNames.map((name) => [name, keep])) as unknown as Handlers,
    slices,
    db,
    decider,
    trail,
    clock,
    stepUpMaxAgeSeconds: 300,
    onFault: () => undefined,
    workspaces: () => Promise.resolve([]),
    authenticator: { authenticate: () => Promise.resolve(person), recheck: () => Promise.resolve(anonymous) },
    limiter: { admitAddress: () => Promise.resolve(), admitCaller: () => Promise.resolve() },
  })
  const raw = { name: 'bench-host', workspace, address: '192.0.2.1', port: 22, user: 'root', access: 'ca' }
  await enforcer
    .call({
      name: 'sshHost.register',
      raw,
      requestId: random.id(),
      caller: { credential: null, address: '192.0.2.7', userAgent: 'bench', transport: 'trpc' },
    })
    .catch(() => undefined)
  if (kept === null) throw new TypeError('the enforcer refused the bench')
  return kept
}

async function prepare(admin: Store): Promise<void> {
  await admin.insertInto('workspace').values({ id: workspace, name: workspace, archived_at: null }).execute()
  await admin
    .insertInto('ssh_host')
    .values({
      id: host,
      name: 'bench',
      workspace_id: workspace,
      address: '192.0.2.1',
      port: 22,
      user_name: 'root',
      access: 'ca',
      principals: ['root'],
      source_addresses: ['192.0.2.0/24'],
      host_key: 'ssh-ed25519 AAAA',
      authorized_keys_path: null,
      checked_at: null,
      reachable: null,
      last_error: null,
    })
    .execute()
  await sql
    .raw(`
    create table bench_event (
      id uuid primary key, at timestamptz not null, action text, outcome text, principal_type text, principal_id text,
      principal_name text, resource_type text, resource_id text, workspace text, session_id text, request_id text,
      effect text, ip text, user_agent text, input jsonb);
    create index on bench_event (at desc, id desc);
    create index on bench_event (principal_id, at desc);
    create index on bench_event (action, at desc);
    create index on bench_event (workspace, at desc);
    create index on bench_event (resource_id, at desc);
    create index on bench_event (principal_name);
    create index on bench_event (ip)`)
    .execute(admin)
  await sql`grant insert on bench_event to public`.execute(admin)
}

/** A seed that lives as long as the bench. */
function unkeptSeed() {
  let seed: Uint8Array | null = null
  return {
    path: 'memory',
    read: () => Promise.resolve(seed),
    create: (made: Uint8Array) => {
      seed = made
      return Promise.resolve(true)
    },
  }
}

const fail = (error: unknown): never => {
  throw error
}
