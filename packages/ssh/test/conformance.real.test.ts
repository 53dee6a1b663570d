// What the suite of all backends asks of those that people configure, of the two that are hosts: a process that dies
// between any two steps, and a host whose way breaks, leave nothing alive after one sweep.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  faults,
  startFaultyWay,
  startSshd,
  testSeed,
  timeoutOf,
  volume,
  type Fault,
  type FaultyWay,
  type TestSshd,
} from '@gatehouse/testkit'
import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import {
  formatPublicKey,
  generateEd25519,
  isRevoked,
  parseCertificate,
  parseRevocationList,
} from '../src/wire/index.ts'
import { startAccessSystem, type AccessNode, type AccessSystem } from './access-system.ts'
import { mortal, type Death } from './mortal-change.ts'

let system: AccessSystem
let sshd: TestSshd
let way: FaultyWay
let directory: string
let path: string
let publicKey: string
/** The process that dies. */
let doomed: AccessNode
/** The process that soon gives a host up, and soon cuts a visit that hangs. */
let hasty: AccessNode
const life = mortal()

const foreign = "# somebody else's\n"

beforeAll(async () => {
  system = await startAccessSystem()
  doomed = await system.addNode({ around: life.around })
  hasty = await system.addNode({ contactSeconds: 2, visitSeconds: 4 })
  directory = await mkdtemp(join(tmpdir(), 'gh-conformance-'))
  path = join(directory, 'authorized_keys')
  await writeFile(path, foreign, { mode: 0o600 })
  sshd = await startSshd({ trustedUserCaKeys: await system.node.ssh.documents.caPublicKey(), authorizedKeysFile: path })
  way = await startFaultyWay({ port: sshd.port, speaks: 'ssh' })
  await system.node.call('sshHost.register', {
    name: 'box',
    address: '127.0.0.1',
    port: way.port,
    user: sshd.user,
    access: 'ca',
    hostKey: sshd.hostPublicKeyLine,
    authorizedKeysPath: path,
  })
  publicKey = formatPublicKey((await generateEd25519('olga@laptop')).publicKey)
})
beforeEach(() => {
  way.mend()
  life.dieAt(null)
})
afterAll(async () => {
  way.close()
  await sshd.stop()
  await system.close()
  await rm(directory, { recursive: true })
})

type Kind = 'ssh-key' | 'ssh-certificate'
/** What is done to a credential, one after the other. */
const acts = { 'ssh-key': ['generate', 'deploy', 'revoke'], 'ssh-certificate': ['sign', 'revoke'] } as const
type Act = (typeof acts)[Kind][number]

const reason = 'done'
/** Of a lease that is to come to its end within `laterSeconds`, and of one that is not. */
const ttlSeconds = { short: 300, long: 3600 } as const
/** Longer than a short lease, a deadline, a claim and any pause after a failure. */
const laterSeconds = 400

/** A credential of some kind through its life; `by` says which node does what. */
async function live(kind: Kind, ttl: number, by: (act: Act) => AccessNode): Promise<void> {
  const asked = { host: 'box', purpose: 'a test', ttlSeconds: ttl }
  if (kind === 'ssh-certificate') {
    const { id } = await by('sign').call('sshCertificate.sign', { ...asked, publicKey })
    return void (await by('revoke').call('sshCertificate.revoke', { id, reason }))
  }
  const { id } = await by('generate').call('sshKey.generate', asked)
  await by('deploy').call('sshKey.deploy', { id })
  await by('revoke').call('sshKey.revoke', { id, reason })
}

/** Time goes by for all that lives: sshd has a clock of its own, so ours must not run ahead of it. */
async function letPass(seconds: number): Promise<void> {
  const { db } = system.node
  const by = sql`${seconds} * interval '1 second'`
  await sql`update ssh_key k set expires_at = k.expires_at - ${by} from lease
    where lease.id = k.lease_id and lease.due_at is not null`.execute(db)
  await sql`update ssh_certificate c set valid_before = c.valid_before - ${by} from lease
    where lease.id = c.lease_id and lease.due_at is not null`.execute(db)
  await sql`update lease set expires_at = expires_at - ${by}, due_at = due_at - ${by}
    where due_at is not null`.execute(db)
}

/** What somebody could still log in with, as hosts see it. */
async function alive(kind: Kind): Promise<number> {
  if (kind === 'ssh-key')
    return (await readFile(path, 'utf8')).split('\n').filter((line) => /ssh-ed25519/.test(line)).length
  const list = parseRevocationList((await system.node.ssh.documents.revocationList()).body)
  const { rows } = await sql<{ certificate: string }>`select certificate from ssh_certificate
    where valid_before > now()`.execute(system.node.db)
  return rows.filter(({ certificate }) => !isRevoked(list, parseCertificate(certificate))).length
}

const sweep = (kind: Kind) => system.node.internal('lease.expire', { backend: kind })

/** So that the next cell finds what it would find after this one had been right. */
async function clearAway(kind: Kind): Promise<void> {
  await letPass(ttlSeconds.long)
  await sweep(kind)
  await sql`update ssh_certificate set valid_before = now() where valid_before > now()`.execute(system.node.db)
}

interface Outcome {
  /** Where it was broken. */
  readonly row: string
  readonly column: string
  /** So much was alive after one sweep. */
  readonly left: number
}

/** Where it was broken down, how across; a dot where nothing was tried. */
function gridOf(columns: readonly string[], outcomes: readonly Outcome[]): string {
  const lines = [...Map.groupBy(outcomes, ({ row }) => row)].map(([name, own]) => {
    const shown = columns.map((column) =>
      String(own.find((one) => one.column === column)?.left ?? '·').padStart(column.length),
    )
    return `${name.padEnd(36)} ${shown.join('  ')}`
  })
  return [`${'alive after one sweep'.padEnd(36)} ${columns.join('  ')}`, ...lines].join('\n')
}

/** A credential lives to its end, or is to be ended now: then its own end is far. */
const ttlOf = (act: Act): number => (act === 'revoke' ? ttlSeconds.long : ttlSeconds.short)

/** Runs one life that is broken somewhere, and answers what is alive after one sweep. */
async function leftAfter(kind: Kind, work: () => Promise<unknown>): Promise<number> {
  await work().catch(() => undefined)
  way.mend()
  await letPass(laterSeconds)
  await sweep(kind)
  const left = await alive(kind)
  if (left > 0) await clearAway(kind)
  return left
}

describe.each<Kind>(['ssh-key', 'ssh-certificate'])('a credential of kind %s', (kind) => {
  const name = 'of a process that dies between any two steps is not alive after one sweep'
  test(name, { timeout: timeoutOf(240_000) }, async () => {
    const outcomes: Outcome[] = []
    for (const [act, transactions] of await transactionsOf(kind)) {
      const by = (other: Act) => (other === act ? doomed : system.node)
      for (const [column, death] of deathsIn(transactions)) {
        life.dieAt(death)
        const left = await leftAfter(kind, () => live(kind, ttlOf(act), by))
        outcomes.push({ row: `${kind}: ${act}, transaction ${death.transaction + 1}`, column, left })
      }
    }
    console.info(gridOf(whens, outcomes))
    expect(outcomes.length).toBeGreaterThan(1)
    expect(outcomes.filter(({ left }) => left !== 0)).toEqual([])
  })
})

/** Of how many each act is made, in a life that nothing breaks. */
async function transactionsOf(kind: Kind): Promise<(readonly [Act, number])[]> {
  const begun: number[] = []
  await live(kind, ttlSeconds.short, () => {
    begun.push(life.begun())
    return doomed
  })
  begun.push(life.begun())
  return acts[kind].map((act, index) => [act, (begun[index + 1] ?? 0) - (begun[index] ?? 0)] as const)
}

const whens = ['killed before', 'killed after'] as const

/** All but the one before anything was begun. */
const deathsIn = (transactions: number): readonly (readonly [string, Death])[] =>
  Array.from({ length: transactions }, (_, transaction) => transaction).flatMap((transaction) => [
    ...(transaction === 0 ? [] : [[whens[0], { transaction, when: 'before' }] as const]),
    [whens[1], { transaction, when: 'after' }] as const,
  ])

/**
 * One in so many, beginning at the seed: in time each is tried. A host takes seconds for each, so a whole volume is a
 * part as well. Neither number shares a divisor with the count of faults, so that all of them are among those tried.
 */
const oneIn = volume({ full: 5, sample: 71 })

test(
  'a key on a host whose way breaks, at whatever step, is not alive after one sweep',
  async () => {
    const cells = await waysToBreak()
    const outcomes: Outcome[] = []
    const tried = cells.filter((_, index) => (index + testSeed()) % oneIn === 0)
    for (const { act, step, fault } of tried) {
      const by = (other: Act): AccessNode => {
        if (other !== act) return system.node
        way.breakAt(step, fault)
        return hasty
      }
      const left = await leftAfter('ssh-key', () => live('ssh-key', ttlOf(act), by))
      outcomes.push({ row: `ssh-key: ${act}, message ${step + 1}`, column: fault, left })
    }
    console.info(gridOf(faults, outcomes))
    expect(outcomes.length).toBeGreaterThan(1)
    expect(outcomes.filter(({ left }) => left !== 0)).toEqual([])
  },
  timeoutOf(240_000),
)

interface Cell {
  readonly act: Act
  readonly step: number
  readonly fault: Fault
}

/** How a key is put on a host and taken off, message by message, and all that can go wrong at each. */
async function waysToBreak(): Promise<Cell[]> {
  const seen: Partial<Record<Act, number>> = {}
  await live('ssh-key', ttlSeconds.short, (act) => {
    seen[act] = way.messages()
    return system.node
  })
  const [deploy, revoke, all] = [seen.deploy ?? 0, seen.revoke ?? 0, way.messages()]
  const steps: readonly (readonly [Act, number])[] = [
    ['deploy', revoke - deploy],
    ['revoke', all - revoke],
  ]
  return steps.flatMap(([act, count]) =>
    Array.from({ length: count }, (_, step) => faults.map((fault): Cell => ({ act, step, fault }))).flat(),
  )
}
