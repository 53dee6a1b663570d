import { setTimeout as sleep } from 'node:timers/promises'
import { formatPublicKey, generateEd25519 } from '@gatehouse/ssh/wire'
import {
  askOpenBao,
  freePort,
  startGateway,
  startHome,
  startLastingOpenBao,
  stopGateway,
  type OpenBaoFacts,
  type TestHome,
} from '@gatehouse/testkit'
import pg from 'pg'
import { httpLoad } from './http-load.ts'
import { accessTokenOf, baseOf } from './log-in.ts'
import { findCores, moveTo } from './one-core.ts'
import { compare, median, perSecond, type Row, type Side } from './row.ts'

/** Callers at once, each on a connection of its own. */
const width = 16
/** Calls of a round: some tenths of a second of each side. */
const callsPerRound = 400
/** Leases that come due in the same second. */
const dueLeases = 100_000
/** Leases that live while a gateway starts. */
const livingLeases = 1_000_000
/** Starts of a gateway with them and without. */
const starts = 3

/** Until the rows are written and their indexes are read in. */
const writingSeconds = 60
const sweptSecondsMax = 600

/** Leases: issuing one, ending many that are due at once, and a gateway's start with a million that live. */
export const leasesBench = async (): Promise<Row[]> => [...(await issuing()), ...(await manyLeases())]

const startOurs = (): Promise<TestHome> => startHome({ env: { GATEHOUSE_RATE_LIMIT_LOOPBACK: '0' } })

/**
 * Over HTTP, each lease in the database and in the audit log on disk before it is answered, against OpenBao's one-time
 * passwords for SSH on raft storage with a file of audit lines.
 */
async function issuing(): Promise<Row[]> {
  const cores = findCores()
  // what is started now stays on the core where it starts: ours with its database, and the peer
  if (cores !== null) moveTo(cores.servers)
  const home = await startOurs()
  const peer = await startLastingOpenBao()
  try {
    const ours = await ourHost(home.dev())
    const theirs = await peerPasswords(peer.facts)
    if (cores !== null) moveTo(cores.client)
    const where = cores === null ? 'on all cores (there is no taskset)' : 'on one core'
    return [
      await issue({ id: 'lease.issue', what: 'a one-time password for SSH' }, { ours: ours.passwords, theirs, where }),
      await issue({ id: null, what: 'an SSH certificate' }, { ours: ours.certificates, theirs, where }),
    ]
  } finally {
    if (cores !== null) moveTo(cores.all)
    await peer.stop()
    await home.remove()
  }
}

/** On all cores. */
async function manyLeases(): Promise<Row[]> {
  const home = await startOurs()
  const db = new pg.Client({ connectionString: home.dev().database.adminUrl })
  try {
    await (await ourHost(home.dev())).certificates.run(1) // all others are copies of it
    await db.connect()
    return [await expiry(db), await readiness(home, db)]
  } finally {
    await db.end()
    await home.remove()
  }
}

interface Issued {
  readonly ours: Side
  readonly theirs: Side
  readonly where: string
}

async function issue({ id, what }: Pick<Row, 'id' | 'what'>, { ours, theirs, where }: Issued): Promise<Row> {
  const { oursMicroseconds, peerMicroseconds, ratio } = await compare(ours, theirs, callsPerRound)
  return {
    id,
    what: `a lease of ${what}, ${width} connections, each side ${where}`,
    ours: `${perSecond(oursMicroseconds)} leases/s, each on disk and in the audit log before it is answered`,
    peer: `${perSecond(peerMicroseconds)} leases/s (OpenBao's SSH one-time passwords as its root, raft, an audit file)`,
    ratio: 1 / ratio,
    reads: "leases per second of ours in units of the peer's; at least 0.5 is what is asked",
  }
}

type Dev = ReturnType<TestHome['dev']>

/** A host that nobody has to reach (an Admin has waived that), and what is issued for it. */
async function ourHost(dev: Dev): Promise<{ readonly passwords: Side; readonly certificates: Side }> {
  const { publicKey: hostKey } = await generateEd25519('bench')
  const registered = await fetch(`${baseOf(dev)}/trpc/sshHost.register`, {
    method: 'POST',
    headers: { authorization: `Bearer ${await accessTokenOf(dev, 'Admin')}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      name: 'bench',
      address: '192.0.2.7',
      port: 22,
      user: 'deploy',
      access: 'ca',
      hostKey: formatPublicKey(hostKey),
      sourceAddresses: ['192.0.2.0/24'],
      otpAddresses: ['192.0.2.7/32'],
      contactWaiver: 'there is no such host',
    }),
  })
  if (!registered.ok) throw new TypeError(`the host was not registered: ${await registered.text()}`)
  const { publicKey } = await generateEd25519('bench')
  const headers = { authorization: `Bearer ${await accessTokenOf(dev, 'Operator')}` }
  const load = (operation: string, input: object): Side =>
    httpLoad('gatehouse', {
      url: `${baseOf(dev)}/trpc/${operation}`,
      headers,
      width,
      body: JSON.stringify({ host: 'bench', purpose: 'bench', ...input }),
    })
  return {
    passwords: load('sshOtp.issue', { ttlSeconds: 3600 }),
    certificates: load('sshCertificate.sign', { ttlSeconds: 86_400, publicKey: formatPublicKey(publicKey) }),
  }
}

async function peerPasswords(facts: OpenBaoFacts): Promise<Side> {
  await askOpenBao(facts, { path: 'sys/mounts/ssh', body: { type: 'ssh' } })
  const role = { key_type: 'otp', default_user: 'deploy', cidr_list: '0.0.0.0/0' }
  await askOpenBao(facts, { path: 'ssh/roles/bench', body: role })
  return httpLoad('openbao', {
    url: `${facts.address}/v1/ssh/creds/bench`,
    headers: { 'x-vault-token': facts.rootToken },
    width,
    body: JSON.stringify({ ip: '192.0.2.7', username: 'deploy' }),
  })
}

interface Inserted {
  readonly count: number
  readonly endsAt: Date
  /** Each is there once; those that are signed are random, and far above these. */
  readonly firstSerial: number
}

/** Leases of certificates like the one that was issued, all with the same end. */
async function insertLeases(db: pg.Client, { count, endsAt, firstSerial }: Inserted): Promise<void> {
  await db.query('begin')
  await db.query(
    `create temp table made on commit drop as
      select gen_random_uuid() as lease_id, gen_random_uuid() as id, n from generate_series(1, $1::int) n`,
    [count],
  )
  await db.query(
    `insert into lease (id, backend, role, host_id, workspace_id, purpose, principal_type, principal_id,
        principal_name, state, issued_at, expires_at, due_at)
      select made.lease_id, backend, role, host_id, workspace_id, 'bench', principal_type, principal_id,
        principal_name, 'active', issued_at, $1, $1
      from made, (select * from lease where backend = 'ssh-certificate' limit 1) one`,
    [endsAt],
  )
  await db.query(
    `insert into ssh_certificate (id, lease_id, host_id, workspace_id, serial, key_id, ssh_principals,
        source_addresses, public_key, fingerprint, certificate, valid_after, valid_before, state)
      select made.id, made.lease_id, host_id, workspace_id, $2::bigint + n, key_id, ssh_principals,
        source_addresses, public_key, fingerprint, certificate, valid_after, $1, 'active'
      from made, (select * from ssh_certificate limit 1) one`,
    [endsAt, firstSerial],
  )
  await db.query('commit')
}

async function expiry(db: pg.Client): Promise<Row> {
  const endsAt = new Date(Date.now() + writingSeconds * 1000)
  await insertLeases(db, { count: dueLeases, endsAt, firstSerial: 0 })
  const bare = await bareUpdate(db, endsAt)
  const ended = await untilEnded(db, endsAt)
  return {
    id: 'lease.expiry',
    what: `${dueLeases.toLocaleString('en')} leases of certificates that end in the same second`,
    ours: `${Math.round(ended).toLocaleString('en')} leases/s, each in the audit log`,
    peer: `${Math.round(bare).toLocaleString('en')} rows/s (one update of as many rows of a table beside them)`,
    ratio: ended / bare,
    reads: 'leases per second in units of the bare update; at least 2,000 leases/s is what is asked',
  }
}

/** What the database itself can do: as many rows, in one statement, with nothing else to do. */
async function bareUpdate(db: pg.Client, endsAt: Date): Promise<number> {
  await db.query(`create table bench_rows as select * from lease where expires_at = $1`, [endsAt])
  const begun = performance.now()
  const { rowCount } = await db.query(`update bench_rows set state = 'expired', ended_at = now(), due_at = null`)
  const seconds = (performance.now() - begun) / 1000
  await db.query('drop table bench_rows')
  return (rowCount ?? 0) / seconds
}

/** Leases a second, from their common end to that of the last. It looks seldom, and at one row: others work there. */
async function untilEnded(db: pg.Client, endsAt: Date): Promise<number> {
  for (const deadline = endsAt.getTime() + sweptSecondsMax * 1000; Date.now() < deadline; await sleep(2000)) {
    const { rowCount } = await db.query(
      `select from lease where backend = 'ssh-certificate' and due_at <= now() limit 1`,
    )
    if (rowCount === 0 && Date.now() > endsAt.getTime()) return dueLeases / (await secondsToLast(db, endsAt))
  }
  throw new TypeError(`not all leases had ended after ${sweptSecondsMax} s`)
}

async function secondsToLast(db: pg.Client, endsAt: Date): Promise<number> {
  const { rows } = await db.query<{ left: number; last: Date }>(
    `select count(*) filter (where ended_at is null)::int as left, max(ended_at) as last
      from lease where expires_at = $1`,
    [endsAt],
  )
  const [found] = rows
  if (found === undefined || found.left > 0) throw new TypeError('leases were passed over')
  return (found.last.getTime() - endsAt.getTime()) / 1000
}

async function readiness(home: TestHome, db: pg.Client): Promise<Row> {
  const without = await secondsToStart(home)
  const endsAt = new Date(Date.now() + 86_400_000)
  await insertLeases(db, { count: livingLeases, endsAt, firstSerial: dueLeases })
  await db.query('analyze lease')
  const withThem = await secondsToStart(home)
  return {
    id: 'lease.ready',
    what: `a gateway's start until it is ready, with ${livingLeases.toLocaleString('en')} leases that live`,
    ours: `${withThem.toFixed(2)} s`,
    peer: `${without.toFixed(2)} s (without them)`,
    ratio: withThem / without,
    reads: 'times as long as without them; below 2 s is what is asked',
  }
}

async function secondsToStart(home: TestHome): Promise<number> {
  const { database, temporal } = home.dev()
  const port = String(await freePort())
  const times: number[] = []
  for (let start = 0; start < starts; start += 1) {
    const begun = performance.now()
    const gateway = await startGateway({
      ...home.env,
      GATEHOUSE_PORT: port,
      DATABASE_URL: database.url,
      TEMPORAL_ADDRESS: temporal.address,
      TEMPORAL_NAMESPACE: temporal.namespace,
    })
    times.push((performance.now() - begun) / 1000)
    await stopGateway(gateway)
  }
  return median(times)
}
