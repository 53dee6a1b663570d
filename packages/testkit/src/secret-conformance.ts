import { randomUUID } from 'node:crypto'
import type { CheckpointKey } from '@gatehouse/audit'
import type { Output, Raw } from '@gatehouse/contract'
import type { Provider } from '@gatehouse/secrets'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { DomainCalls, DomainNode, DomainProcess } from './domain-system.ts'
import { faults, startFaultyWay, type Fault, type FaultyWay, type WayEnd } from './faulty-way.ts'
import { sampleOf, timeoutOf } from './volume.ts'

type Material = Output<'lease.issue'>['material']

/** A real backend of some kind, and what it says of itself when somebody else than Gatehouse asks. */
export interface BackendUnderTest {
  /** Where it is; what is tried with it goes there by ways that break. */
  readonly end: WayEnd
  /** How it is configured, by whatever port leads to it. */
  configured(port: number): Omit<Raw<'secretBackend.configure'>, 'name'>
  /** What may be asked of it. */
  readonly role: Omit<Raw<'secretRole.create'>, 'name' | 'backend'>
  /** The shortest time that a credential of it lives. */
  readonly ttlSeconds: number
  /** All credentials that lie there and are not dead. */
  alive(): Promise<readonly string[]>
  /** Whether what was given out does now what it is for. */
  works(material: Material): Promise<boolean>
  /** Lets time pass there, where its clock is in the hand. */
  pass?(seconds: number): void
  /** Lets what was taken away do again what it could; absent: a credential is there or not. */
  revive?(leaseId: string): Promise<void>
  drop(): Promise<void>
}

/** A node of a Gatehouse that has leases and backends. */
export interface SecretNode {
  readonly process: Pick<DomainProcess, 'advance' | 'node'>
  readonly calls: DomainCalls
  /** Of the audit log, which signs proofs. */
  readonly checkpointKey: Pick<CheckpointKey, 'hasSigned'>
  close(): Promise<void>
}

export interface SecretNodeOptions {
  /** How long a backend is waited for. */
  readonly seconds?: Readonly<Record<'call' | 'find' | 'revoke', number>>
  /** In place of a provider, one that does something else beside it. */
  readonly around?: (provider: Provider) => Provider
}

/** How the suite comes by backends and nodes. */
export interface SecretConformance {
  open(): Promise<BackendUnderTest>
  startNode(node?: DomainNode, options?: SecretNodeOptions): Promise<SecretNode>
  /** Whether its credentials can be given more time. */
  readonly renews: boolean
  /** One in so many cells of the grid is a sample. */
  readonly oneIn: number
}

/** One system over one backend: by a way that is steady, and by one that breaks. */
interface Tried {
  readonly node: SecretNode
  /** Waits no longer than two seconds. What it does is not held against a clock. */
  readonly hasty: SecretNode
  readonly backend: BackendUnderTest
  readonly way: FaultyWay
}

/** What every backend has to do, whatever gives its credentials. */
export const secretConformance = (kind: Provider['kind'], own: SecretConformance): void => {
  describe(`a backend of kind ${kind}`, () => {
    let opened: Tried
    beforeAll(async () => {
      opened = await openTried(own)
    })
    afterAll(async () => {
      opened.way.close()
      await opened.hasty.close()
      await opened.node.close()
      await opened.backend.drop()
    })
    const using = { kind, own, tried: () => opened }
    describe('gives', () => void giving(using))
    describe('when a lease is renewed, gives', () => void (own.renews ? renewing : neverRenewing)(using))
    describe('is asked by a process', () => void dying(using))
    describe('is asked whether what was revoked is dead, and', () => void proving(using))
    describe('behind a way that breaks', () => void breaking(using))
  })
}

interface Using {
  readonly kind: Provider['kind']
  readonly own: SecretConformance
  readonly tried: () => Tried
}

async function openTried({ open, startNode }: SecretConformance): Promise<Tried> {
  const node = await startNode()
  const hasty = await startNode(node.process.node, { seconds: { call: 2, find: 2, revoke: 2 } })
  const backend = await open()
  const way = await startFaultyWay(backend.end)
  for (const [name, port] of [
    ['steady', backend.end.port],
    ['shaky', way.port],
  ] as const) {
    await node.calls.call('secretBackend.configure', { name: `${name}-backend`, ...backend.configured(port) })
    const ttlSecondsMax = Math.max(3600, backend.ttlSeconds)
    await node.calls.call('secretRole.create', { ttlSecondsMax, ...backend.role, name, backend: `${name}-backend` })
  }
  return { node, hasty, backend, way }
}

const purpose = 'a test'
const reason = 'done'

/** Later by all clocks. */
function later({ node, hasty, backend }: Tried, seconds: number): void {
  for (const one of [node, hasty]) one.process.advance(seconds)
  backend.pass?.(seconds)
}

const sweep = ({ calls }: SecretNode, backend: Provider['kind']) =>
  calls.internal('lease.expire', { backend }, randomUUID())

/** Longer than a lease waits for its credential. */
const pendingSeconds = 61
/** Longer than any pause after a failure. */
const pauseSeconds = 400

/** The same backend, asked for a credential again with what was kept of the first. */
const askedAgain = (provider: Provider): Provider => ({
  ...provider,
  issue: async (target, credential, form) => {
    let { handle } = credential
    const keep = async (next: unknown): Promise<void> => {
      await credential.keep(next)
      handle = next
    }
    await provider.issue(target, { ...credential, keep }, form)
    return provider.issue(target, { ...credential, handle, keep }, form)
  },
})

function giving({ kind, own, tried }: Using): void {
  test('a credential that works until it is revoked, and is gone then', async () => {
    const { node, backend } = tried()
    const { lease, material } = await node.calls.call('lease.issue', { role: 'steady', purpose })
    expect([await backend.works(material), (await backend.alive()).length]).toEqual([true, 1])
    expect(await node.calls.call('lease.revoke', { id: lease.id, reason })).toMatchObject({ state: 'revoked' })
    expect([await backend.works(material), await backend.alive()]).toEqual([false, []])
  })

  test('one that dies at the end of its lease, however far the clocks of the two are apart', async () => {
    const { node, backend } = tried()
    for (const seconds of [3600, -3600]) {
      const other = await own.startNode(node.process.node)
      other.process.advance(seconds)
      const { ttlSeconds } = backend
      const { lease } = await other.calls.call('lease.issue', { role: 'steady', purpose, ttlSeconds })
      other.process.advance(ttlSeconds + 1)
      backend.pass?.(ttlSeconds + 1)
      expect(await sweep(other, kind)).toMatchObject({ ended: 1, failed: [] })
      expect(await other.calls.call('lease.get', { id: lease.id })).toMatchObject({ state: 'expired' })
      expect(await backend.alive()).toEqual([])
      await other.close()
    }
  })

  test('the same, or another in its place, to the same lease again', async () => {
    const { node, backend } = tried()
    const repeating = await own.startNode(node.process.node, { around: askedAgain })
    const { lease, material } = await repeating.calls.call('lease.issue', { role: 'steady', purpose })
    expect([await backend.works(material), (await backend.alive()).length]).toEqual([true, 1])
    await repeating.calls.call('lease.revoke', { id: lease.id, reason })
    expect(await backend.alive()).toEqual([])
    await repeating.close()
  })

  test('nothing more when it is revoked twice', async () => {
    const { node, backend } = tried()
    const twice = await own.startNode(node.process.node, {
      around: (provider) => ({
        ...provider,
        revoke: async (target, credential) => {
          await provider.revoke(target, credential)
          await provider.revoke(target, credential)
        },
      }),
    })
    const { lease } = await twice.calls.call('lease.issue', { role: 'steady', purpose })
    expect(await twice.calls.call('lease.revoke', { id: lease.id, reason })).toMatchObject({ state: 'revoked' })
    expect((await twice.calls.refusal('lease.revoke', { id: lease.id, reason })).code).toBe('lease-ended')
    expect(await backend.alive()).toEqual([])
    await twice.close()
  })
}

function renewing({ kind, own, tried }: Using): void {
  test('more time, up to the most that was decided and no further', async () => {
    const { node, backend } = tried()
    const other = await own.startNode(node.process.node)
    const { ttlSeconds } = backend
    const { lease } = await other.calls.call('lease.issue', { role: 'steady', purpose, ttlSeconds })
    const renewed = await other.calls.call('lease.renew', { id: lease.id, ttlSeconds: 1_000_000 })
    const most = lease.renewableUntil?.getTime() ?? 0
    expect(renewed.expiresAt.getTime()).toBeLessThanOrEqual(most)
    expect(renewed.expiresAt.getTime()).toBeGreaterThan(most - 5000) // a backend counts whole seconds
    other.process.advance(ttlSeconds + 1)
    expect(await sweep(other, kind)).toMatchObject({ ended: 0, failed: [] })
    expect(await backend.alive()).toHaveLength(1)
    other.process.advance((most - lease.issuedAt.getTime()) / 1000)
    expect(await sweep(other, kind)).toMatchObject({ ended: 1, failed: [] })
    expect(await backend.alive()).toEqual([])
    await other.close()
  })
}

function neverRenewing({ tried }: Using): void {
  test('nothing, and says so', async () => {
    const { node, backend } = tried()
    const { lease } = await node.calls.call('lease.issue', { role: 'steady', purpose })
    expect(lease.renewableUntil).toBeNull()
    expect((await node.calls.refusal('lease.renew', { id: lease.id })).code).toBe('lease-not-renewable')
    await node.calls.call('lease.revoke', { id: lease.id, reason })
    expect(await backend.alive()).toEqual([])
  })
}

function dying({ kind, own, tried }: Using): void {
  const killed = (): never => {
    throw new Error('the process was killed here')
  }

  test.each<[string, (provider: Provider) => Provider['issue']]>([
    ['before it is asked', () => killed],
    [
      'after it has answered',
      (provider) =>
        async (...asked) => {
          await provider.issue(...asked)
          return killed()
        },
    ],
  ])('that dies %s, and nothing is alive after one sweep', async (_, issue) => {
    const all = tried()
    const doomed = await own.startNode(all.node.process.node, {
      around: (provider) => ({ ...provider, issue: issue(provider) }),
    })
    await expect(doomed.calls.call('lease.issue', { role: 'steady', purpose })).rejects.toThrow('something went wrong')
    await doomed.close()
    later(all, pendingSeconds)
    expect(await sweep(all.node, kind)).toMatchObject({ ended: 1, failed: [] })
    expect(await all.backend.alive()).toEqual([])
  })

  test('for a lease that is being ended, which gets no credential and leaves none', async () => {
    const { node, backend } = tried()
    const slow = await own.startNode(node.process.node, {
      around: (provider) => ({
        ...provider,
        issue: async (target, credential, form) => {
          const made = await provider.issue(target, credential, form)
          await node.calls.call('lease.revoke', { id: credential.lease.id, reason })
          // a backend that answers late, after the revocation
          await provider.issue(target, credential, form).catch(() => undefined)
          return made
        },
      }),
    })
    expect((await slow.calls.refusal('lease.issue', { role: 'steady', purpose })).code).toBe('lease-ended')
    await slow.close()
    expect(await backend.alive()).toEqual([])
  })
}

/** Longer than any pause between two questions about one credential, and than a claim of them. */
const askAgainSeconds = 301

function proving({ kind, own, tried }: Using): void {
  const askedOf = async ({ calls, process }: SecretNode, id: string) => {
    process.advance(askAgainSeconds)
    await calls.internal('lease.prove', {}, randomUUID())
    return calls.call('lease.proof', { id })
  }
  const texts = (material: Material): string[] =>
    Object.values(material)
      .flatMap((value) => (Array.isArray(value) ? value.map((one) => one.value) : [value]))
      .flatMap((value) => (typeof value === 'object' && value !== null ? [value.expose()] : []))

  test('says so: the refusal is kept, signed, with nothing in it that opens anything', async () => {
    const { node, backend } = tried()
    const other = await own.startNode(node.process.node)
    const { lease, material } = await other.calls.call('lease.issue', { role: 'steady', purpose })
    expect(await other.calls.call('lease.proof', { id: lease.id })).toMatchObject({ state: 'living', evidence: null })
    await other.calls.call('lease.revoke', { id: lease.id, reason })
    expect(await other.calls.call('lease.proof', { id: lease.id })).toMatchObject({ state: 'waiting', evidence: null })
    const proof = await askedOf(other, lease.id)
    expect([proof.state, proof.provider]).toEqual(['refused', `${kind} steady-backend`])
    expect(proof.secondsToDead).toBeGreaterThanOrEqual(0)
    const { kind: signed = '', statement = '', signature } = proof.evidence ?? {}
    expect(other.checkpointKey.hasSigned({ kind: signed, text: statement }, signature)).toBe(true)
    expect(JSON.parse(statement)).toMatchObject({ lease: lease.id, backend: kind, said: proof.lastAnswer })
    expect(texts(material).length).toBeGreaterThan(0)
    for (const text of texts(material)) expect(statement).not.toContain(text)
    expect(await other.calls.record()).toContain('lease.proved allowed')
    expect(await backend.alive()).toEqual([])
    await other.close()
  })

  test('does not say so of one that still works, whatever was said when it was revoked', async () => {
    const { node, backend } = tried()
    let again = (): Promise<void> => Promise.resolve()
    const lying = await own.startNode(node.process.node, {
      around: (provider) => ({
        ...provider,
        revoke: async (target, credential) => {
          again = () => provider.revoke(target, credential)
          if (backend.revive === undefined) return
          await again()
          await backend.revive(credential.lease.id)
        },
      }),
    })
    const { lease, material } = await lying.calls.call('lease.issue', { role: 'steady', purpose })
    expect(await lying.calls.call('lease.revoke', { id: lease.id, reason })).toMatchObject({ state: 'revoked' })
    expect(await askedOf(lying, lease.id)).toMatchObject({ state: 'waiting', attempts: 1, evidence: null })
    expect(await backend.works(material)).toBe(true)
    await again()
    expect(await askedOf(lying, lease.id)).toMatchObject({ state: 'refused', attempts: 2 })
    expect(await backend.alive()).toEqual([])
    await lying.close()
  })

  test('where nobody answers says nothing of the one, and asks about the others', async () => {
    const { node, way } = tried()
    const other = await own.startNode(node.process.node, { seconds: { call: 20, find: 2, revoke: 20 } })
    const [lost, well] = [
      await other.calls.call('lease.issue', { role: 'shaky', purpose }),
      await other.calls.call('lease.issue', { role: 'steady', purpose }),
    ]
    for (const { lease } of [lost, well]) await other.calls.call('lease.revoke', { id: lease.id, reason })
    way.breakAt(0, 'silent')
    expect(await askedOf(other, lost.lease.id)).toMatchObject({ state: 'waiting', attempts: 1, evidence: null })
    expect(await other.calls.call('lease.proof', { id: well.lease.id })).toMatchObject({ state: 'refused' })
    way.mend()
    expect(await askedOf(other, lost.lease.id)).toMatchObject({ state: 'refused', attempts: 2 })
    await other.close()
  })
}

/** One way to break. */
interface Cell {
  readonly act: 'issue' | 'revoke'
  readonly step: number
  readonly fault: Fault
}

/** What came of it. */
interface Outcome extends Cell {
  /** So many credentials were alive after one sweep. */
  readonly left: number
  /** What was said of the credential and was not so; null: nothing. */
  readonly untrue: string | null
}

function breaking({ kind, own, tried }: Using): void {
  test(
    'at whatever step, whatever it answers, leaves nothing alive after one sweep',
    async () => {
      const all = tried()
      const cells = sampleOf(cellsOf(await stepsOf(all)), own.oneIn)
      const outcomes: Outcome[] = []
      for (const cell of cells) outcomes.push(await tryCell(kind, all, cell))
      console.info(gridOf(kind, outcomes))
      expect(outcomes.filter(({ left, untrue }) => left !== 0 || untrue !== null)).toEqual([])
    },
    timeoutOf(240_000),
  )

  test('and hangs holds up no other, and goes on where it stopped', async () => {
    const all = tried()
    const { hasty, node, backend, way } = all
    const { ttlSeconds } = backend
    await node.calls.call('lease.issue', { role: 'shaky', purpose, ttlSeconds })
    const well = await node.calls.call('lease.issue', { role: 'steady', purpose, ttlSeconds })
    way.breakAt(0, 'silent')
    later(all, ttlSeconds + 1)
    const ended = async (): Promise<string> => {
      await sweep(hasty, kind)
      later(all, pauseSeconds)
      return (await node.calls.call('lease.get', { id: well.lease.id })).state
    }
    await expect.poll(ended, { timeout: 60_000 }).toBe('expired')
    expect(await backend.works(well.material)).toBe(false)
    way.mend()
    later(all, pauseSeconds)
    await sweep(node, kind)
    expect(await backend.alive()).toEqual([])
  })
}

/** How many messages a whole life takes. */
async function stepsOf({ node, way }: Tried): Promise<{ readonly issue: number; readonly revoke: number }> {
  way.mend()
  const { lease } = await node.calls.call('lease.issue', { role: 'shaky', purpose })
  const issue = way.messages()
  await node.calls.call('lease.revoke', { id: lease.id, reason })
  return { issue, revoke: way.messages() - issue }
}

const cellsOf = (steps: { readonly issue: number; readonly revoke: number }): Cell[] =>
  (['issue', 'revoke'] as const).flatMap((act) =>
    Array.from({ length: steps[act] }, (_, step) => faults.map((fault): Cell => ({ act, step, fault }))).flat(),
  )

async function tryCell(kind: Provider['kind'], all: Tried, cell: Cell): Promise<Outcome> {
  const { hasty, node, backend, way } = all
  const { act, step, fault } = cell
  if (act === 'issue') way.breakAt(step, fault)
  const issued = await hasty.calls.call('lease.issue', { role: 'shaky', purpose }).catch(() => null)
  if (act === 'revoke') way.breakAt(step, fault)
  else way.mend()
  const untrue = issued === null ? null : await untrueOf(all, issued, act)
  way.mend()
  later(all, pauseSeconds)
  await sweep(node, kind)
  const left = await backend.alive()
  if (left.length > 0) await clearAway(kind, all)
  return { ...cell, left: left.length, untrue }
}

/** What was given works, and whoever says that it cannot work any more is right then and there. */
async function untrueOf(
  { hasty, backend }: Tried,
  { lease, material }: Output<'lease.issue'>,
  act: Cell['act'],
): Promise<string | null> {
  if (act === 'issue' && !(await backend.works(material))) return 'given'
  const { state } = await hasty.calls.call('lease.revoke', { id: lease.id, reason })
  return state === 'revoked' && (await backend.alive()).length > 0 ? 'revoked' : null
}

/** So that the next cell finds what it would find after this one had been right. */
async function clearAway(kind: Provider['kind'], all: Tried): Promise<void> {
  for (let round = 0; round < 3; round++) {
    later(all, pauseSeconds)
    await sweep(all.node, kind)
    await all.node.calls.internal('secretBackend.reconcile', {}, randomUUID())
  }
}

/** Steps down, faults across: what was alive after one sweep; a dot where nothing was tried. */
function gridOf(kind: string, outcomes: readonly Outcome[]): string {
  const rows = Map.groupBy(outcomes, ({ act, step }) => `${kind}: ${act}, message ${step + 1}`)
  const lines = [...rows].map(([name, own]) => {
    const shown = faults.map((fault) => {
      const cell = own.find((one) => one.fault === fault)
      return String(cell?.left ?? '·').padStart(fault.length)
    })
    return `${name.padEnd(36)} ${shown.join('  ')}`
  })
  return [`${'alive after one sweep'.padEnd(36)} ${faults.join('  ')}`, ...lines].join('\n')
}
