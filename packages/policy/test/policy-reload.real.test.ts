import { cp, mkdtemp, readFile, realpath, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { createChange, createLedger, openSubjectKeys, type Change } from '@gatehouse/audit'
import { resourceTypes } from '@gatehouse/contract'
import { openStore, type Store } from '@gatehouse/database'
import { systemRandom, type Slices } from '@gatehouse/enforcement'
import { sealerUnder } from '@gatehouse/keys'
import { createDatabase, testPoolSize, volume, type TestDatabase } from '@gatehouse/testkit'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { bundleSigner, makeBundleKey, manifestFile, signBundle } from '../src/bundle.ts'
import { openPolicyEngine, PolicyError, type PolicyEngine, type PolicyEngineOptions } from '../src/index.ts'
import { nodesSeenSince } from '../src/policy-node.queries.ts'
import { filesOf, readPolicySource } from '../src/policy-source.ts'
import { requestIn } from '../src/situation.ts'
import {
  copyOfPolicies,
  emergencyOf,
  heardAlerts,
  nobodysEmergency,
  operatorSigns,
  policy,
  shippedPolicies,
  threePeople,
} from './policy-texts.ts'

/** What the product promises of an edit, and what a loaded test machine is given besides. */
const effectMillisecondsMax = 2_000
const noOperators = policy('no-operators', 'forbid (principal in Role::"Operator", action, resource);')
const broken = `${noOperators}\npermit (principal, action resource);\n`
const request = requestIn(operatorSigns)
const systemClock = { now: () => new Date() }

let database: TestDatabase
let db: Store
let admin: Store
const closing: (() => Promise<void>)[] = []
let directory: Awaited<ReturnType<typeof copyOfPolicies>>

beforeAll(async () => {
  database = await createDatabase()
  db = openStore(database.url, { size: testPoolSize, name: 'policy-test' })
  admin = openStore(database.adminUrl, { size: 1, name: 'policy-test-admin' })
})
afterAll(async () => {
  await Promise.all([db.destroy(), admin.destroy()])
  await database.drop()
})
beforeEach(async () => {
  directory = await copyOfPolicies()
})
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close()
  await directory.remove()
  await admin.deleteFrom('policy_node').execute()
  await admin.deleteFrom('policy_pin').execute()
  await admin.deleteFrom('policy_change').execute()
  await admin.deleteFrom('audit_pending').execute()
})

const service = { type: 'Service', id: 'gateway', name: 'gateway', bound: true } as const
const sealer = sealerUnder({ id: '01980000-0000-7000-8000-000000000022', key: new Uint8Array(32) })

/** The real record: events by `change()`, on the real tables. */
const recordOf = async (engine: PolicyEngine): Promise<Change> =>
  createChange({
    db,
    subjectKeys: await openSubjectKeys({ db, sealer, random: systemRandom(systemClock), service }),
    parents: new Set(),
    decider: engine.decider,
    clock: systemClock,
    random: systemRandom(systemClock),
    ledger: createLedger(),
    service,
    slices: Object.fromEntries(
      resourceTypes.map((type) => [type, () => Promise.resolve(null)]),
    ) as unknown as Slices<Store>, // total by construction; events load none
  })

async function opened(options: Partial<PolicyEngineOptions> = {}) {
  const alerts = heardAlerts()
  const engine = await openPolicyEngine({
    path: directory.path,
    hotReload: true,
    reloadIntervalSeconds: 60,
    bundleKeys: [],
    node: 'node-1',
    db,
    clock: systemClock,
    random: systemRandom(systemClock),
    alerts,
    emergency: nobodysEmergency,
    ...options,
  })
  closing.push(() => engine.close())
  return { engine, alerts }
}

async function followed(options: Partial<PolicyEngineOptions> = {}) {
  const made = await opened(options)
  await made.engine.follow(await recordOf(made.engine))
  return made
}

const effect = (engine: PolicyEngine): string => engine.decider.decide(request).effect

/** How long it took until it was so; throws when it never is. */
async function millisecondsUntil(isSo: () => boolean | Promise<boolean>): Promise<number> {
  const begin = performance.now()
  while (!(await isSo())) {
    if (performance.now() - begin > 10_000) throw new Error('it never came to be')
    await pause(10)
  }
  return performance.now() - begin
}

const eventsNamed = async (action: string): Promise<Record<string, unknown>[]> =>
  (await admin.selectFrom('audit_entry').select('entry').where('action', '=', action).execute()).map(
    ({ entry }) => JSON.parse(entry) as Record<string, unknown>,
  ) // our own JSON

async function replace(file: string, text: string): Promise<void> {
  await writeFile(join(directory.path, `${file}.tmp`), text)
  await rename(join(directory.path, `${file}.tmp`), join(directory.path, file))
}

// Threat C11, acceptance 11.
describe('an edit takes effect within two seconds', () => {
  test('by a rename, is recorded, and its version is what decisions name', async () => {
    const { engine } = await followed()
    const before = engine.status().version
    expect(effect(engine)).toBe('allow')
    await replace('admin/no-operators.cedar', noOperators)
    expect(await millisecondsUntil(() => effect(engine) === 'deny')).toBeLessThan(effectMillisecondsMax)
    expect(engine.decider.decide(request)).toEqual({
      effect: 'deny',
      policies: ['no-operators'],
      version: engine.status().version,
    })
    expect(engine.status().version).not.toBe(before)
    await millisecondsUntil(async () => (await eventsNamed('policy.reloaded')).length === 1)
    const [event] = await eventsNamed('policy.reloaded')
    expect(event).toMatchObject({ detail: { node: 'node-1', before, version: engine.status().version } })
  })

  test('by a write in place', async () => {
    const { engine } = await followed()
    await writeFile(join(directory.path, 'admin/no-operators.cedar'), noOperators)
    expect(await millisecondsUntil(() => effect(engine) === 'deny')).toBeLessThan(effectMillisecondsMax)
  })

  test('by taking a file away', async () => {
    const { engine } = await followed()
    await rm(join(directory.path, 'production/ssh.cedar'))
    expect(await millisecondsUntil(() => effect(engine) === 'deny')).toBeLessThan(effectMillisecondsMax)
  })

  test('by a swap of the link that the path is', async () => {
    const links = await realpath(await mkdtemp(join(tmpdir(), 'gatehouse-links-')))
    const next = await copyOfPolicies()
    closing.push(next.remove, () => rm(links, { recursive: true }))
    await writeFile(join(next.path, 'admin/no-operators.cedar'), noOperators)
    await symlink(directory.path, join(links, 'policies'))
    const { engine } = await followed({ path: join(links, 'policies') })
    await symlink(next.path, join(links, 'policies.next'))
    await rename(join(links, 'policies.next'), join(links, 'policies'))
    expect(await millisecondsUntil(() => effect(engine) === 'deny')).toBeLessThan(effectMillisecondsMax)
  })

  test('by a swap of `..data`, as a mounted ConfigMap does it', async () => {
    const mount = await realpath(await mkdtemp(join(tmpdir(), 'gatehouse-mount-')))
    closing.push(() => rm(mount, { recursive: true }))
    for (const turn of ['..one', '..two']) await cp(shippedPolicies, join(mount, turn), { recursive: true })
    await writeFile(join(mount, '..two/admin/no-operators.cedar'), noOperators)
    await symlink('..one', join(mount, '..data'))
    for (const name of ['schema', 'admin', 'development', 'production'])
      await symlink(`..data/${name}`, join(mount, name))
    const { engine } = await followed({ path: mount })
    expect(effect(engine)).toBe('allow')
    await symlink('..two', join(mount, '..data.next'))
    await rename(join(mount, '..data.next'), join(mount, '..data'))
    expect(await millisecondsUntil(() => effect(engine) === 'deny')).toBeLessThan(effectMillisecondsMax)
  })

  test('on every node that follows the directory, and each tells the others', async () => {
    const [one, two] = [await followed({ node: 'node-1' }), await followed({ node: 'node-2' })]
    await replace('admin/no-operators.cedar', noOperators)
    expect(await millisecondsUntil(() => effect(one.engine) === 'deny' && effect(two.engine) === 'deny')).toBeLessThan(
      effectMillisecondsMax * 2,
    ) // two validations on the cores of one
    const { version } = one.engine.status()
    await millisecondsUntil(async () =>
      (await nodesSeenSince(db, new Date(Date.now() - 60_000))).every((row) => row.version === version),
    )
    expect((await nodesSeenSince(db, new Date(Date.now() - 60_000))).map(({ node }) => node)).toEqual([
      'node-1',
      'node-2',
    ])
    await two.engine.close()
    expect((await nodesSeenSince(db, new Date(Date.now() - 60_000))).map(({ node }) => node)).toEqual(['node-1'])
  })
})

describe('an invalid edit', () => {
  test('is refused, the old set stays, status says file, line and reason; it is audited and told once', async () => {
    const { engine, alerts } = await followed({ reloadIntervalSeconds: 1 })
    const before = engine.status().version
    await replace('admin/no-operators.cedar', broken)
    await millisecondsUntil(() => engine.status().lastError !== null)
    expect(engine.status()).toMatchObject({
      version: before,
      lastError: expect.stringContaining('admin/no-operators.cedar:6: unexpected token `resource`'),
    })
    expect(effect(engine)).toBe('allow')
    await pause(2_500) // two revalidations and two polls of the same content
    expect(await eventsNamed('policy.reloadRefused')).toMatchObject([
      { detail: { node: 'node-1', version: before, problems: [{ file: 'admin/no-operators.cedar', line: 6 }] } },
    ])
    expect(alerts.told.map(({ kind }) => kind)).toEqual(['policy-reload-refused'])
    expect((await nodesSeenSince(db, new Date(0)))[0]?.lastError).toBe(engine.status().lastError)
  })

  test('is forgotten when the files are what is in force again', async () => {
    const { engine } = await followed()
    await replace('admin/no-operators.cedar', broken)
    await millisecondsUntil(() => engine.status().lastError !== null)
    await rm(join(directory.path, 'admin/no-operators.cedar'))
    await millisecondsUntil(() => engine.status().lastError === null)
    await millisecondsUntil(async () => (await nodesSeenSince(db, new Date(0)))[0]?.lastError === null)
    expect(await eventsNamed('policy.reloaded')).toEqual([])
  })

  test.each([
    [
      'a directory that is gone',
      async () => {
        await rename(directory.path, `${directory.path}.away`)
        closing.push(() => rename(`${directory.path}.away`, directory.path))
      },
    ],
    [
      'a directory without policies',
      async () => {
        for (const name of ['admin', 'development', 'production'])
          await rm(join(directory.path, name), { recursive: true })
      },
    ],
    [
      'a schema that does not know an operation',
      async () => {
        const file = join(directory.path, 'schema/actions.cedarschema')
        await writeFile(file, (await readFile(file, 'utf8')).replaceAll('"sshKrl.get"', '"sshKrl.take"'))
      },
    ],
  ])('is %s', async (_name, spoil) => {
    const { engine } = await followed()
    const before = engine.status().version
    await spoil()
    await millisecondsUntil(() => engine.status().lastError !== null)
    expect(engine.status().version).toBe(before)
    expect(effect(engine)).toBe('allow')
  })

  // An empty policy file is valid Cedar: a forbid must not be lost for the moment in which its file is written anew.
  test('a file written in place slowly never loses its forbids in between', async () => {
    await writeFile(join(directory.path, 'admin/no-operators.cedar'), noOperators)
    const { engine } = await followed()
    let allowed = 0
    const watching = setInterval(() => {
      if (effect(engine) === 'allow') allowed += 1
    }, 5)
    closing.push(() => Promise.resolve(clearInterval(watching)))
    await writeFile(join(directory.path, 'admin/no-operators.cedar'), '')
    await pause(60)
    await writeFile(join(directory.path, 'admin/no-operators.cedar'), `${noOperators}\n// grown\n`)
    const before = engine.status().version
    await millisecondsUntil(() => engine.status().version !== before)
    expect(allowed).toBe(0)
  })
})

describe('the first set', () => {
  test('that is no good stops the start with file, line and reason', async () => {
    await writeFile(join(directory.path, 'admin/no-operators.cedar'), broken)
    await expect(opened()).rejects.toThrow(PolicyError)
    await expect(opened()).rejects.toThrow('admin/no-operators.cedar:6: unexpected token `resource`')
  })

  test('that is not there stops the start', async () => {
    await expect(opened({ path: join(directory.path, 'nowhere') })).rejects.toThrow(PolicyError)
  })
})

describe('a node that starts again', () => {
  const startedOnce = async (): Promise<string> => {
    await replace('admin/no-operators.cedar', noOperators)
    const { engine } = await followed()
    await engine.close()
    return engine.status().version
  }

  test('while a file is broken decides by what decided last, tells it, and takes what is mended', async () => {
    const version = await startedOnce()
    await replace('admin/no-operators.cedar', broken)
    const { engine, alerts } = await followed()
    expect(engine.status()).toMatchObject({
      version,
      lastError: expect.stringContaining('admin/no-operators.cedar:6: unexpected token'),
    })
    expect(effect(engine)).toBe('deny')
    expect(alerts.told.map(({ kind }) => kind)).toEqual(['policy-reload-refused'])
    expect((await eventsNamed('policy.reloadRefused')).length).toBe(1)
    await rm(join(directory.path, 'admin/no-operators.cedar'))
    await engine.reload()
    expect(engine.status().lastError).toBeNull()
    expect(effect(engine)).toBe('allow')
  })

  test('while nothing is mounted there does so too: what is missing is never taken for a wish', async () => {
    const version = await startedOnce()
    const { engine } = await followed({ path: join(directory.path, 'nowhere') })
    expect(engine.status()).toMatchObject({ version, lastError: expect.stringContaining('cannot be read') })
    expect(effect(engine)).toBe('deny')
  })
})

describe('without hot reload', () => {
  test('an edit waits until it is asked for', async () => {
    const { engine } = await followed({ hotReload: false })
    await replace('admin/no-operators.cedar', noOperators)
    await pause(2_000)
    expect(effect(engine)).toBe('allow')
    await engine.reload()
    expect(effect(engine)).toBe('deny')
  })

  test('asking for an invalid one throws what is wrong and changes nothing', async () => {
    const { engine } = await followed({ hotReload: false })
    await replace('admin/no-operators.cedar', broken)
    await expect(engine.reload()).rejects.toThrow('admin/no-operators.cedar:6')
    expect(effect(engine)).toBe('allow')
  })
})

// Threat C6, C11: whoever can keep the audit log from being written must not be able to keep a forbid from taking
// effect.
test('an edit takes effect while the record cannot be written, and is recorded when it can', async () => {
  const { engine, alerts } = await opened()
  const record = await recordOf(engine)
  let away = true
  await engine.follow({
    event: (tx, event) => (away ? Promise.reject(new Error('the record is away')) : record.event(tx, event)),
  })
  await replace('admin/no-operators.cedar', noOperators)
  expect(await millisecondsUntil(() => effect(engine) === 'deny')).toBeLessThan(effectMillisecondsMax)
  await millisecondsUntil(() => alerts.told.some(({ kind }) => kind === 'policy-record-failed'))
  expect(await eventsNamed('policy.reloaded')).toEqual([])
  away = false
  await replace('admin/no-operators.cedar', `${noOperators}\n// again\n`)
  await millisecondsUntil(async () => (await eventsNamed('policy.reloaded')).length === 2)
})

test('reloads in a row each decide by what lies there then', async () => {
  const { engine } = await followed({ hotReload: false })
  for (let turn = 0; turn < volume({ full: 10, sample: 4 }); turn += 1) {
    await replace('admin/no-operators.cedar', turn % 2 === 0 ? `${noOperators}// ${turn}\n` : `// ${turn}\n`)
    await engine.reload()
    expect(effect(engine)).toBe(turn % 2 === 0 ? 'deny' : 'allow')
  }
})

describe('with keys for bundles', () => {
  const signer = bundleSigner(makeBundleKey(), 'ops') ?? fail()
  const minutes = (n: number): Date => new Date(Date.parse('2026-11-23T10:00:00Z') + n * 60_000)
  const sign = async (at: Date): Promise<void> => {
    const source = await readPolicySource(directory.path)
    await replace(manifestFile, signBundle([...source.schemas, ...source.policies], at, signer))
  }
  const options = { bundleKeys: [signer.verifier], hotReload: false } as const
  function fail(): never {
    throw new TypeError('a key that was just made is one')
  }

  test('nothing starts by files that nobody signed, and it is said which', async () => {
    await expect(opened(options)).rejects.toThrow(/policies.manifest: is not there/)
    await sign(minutes(0))
    await replace('admin/more.cedar', noOperators)
    await expect(opened(options)).rejects.toThrow(/admin\/more.cedar: is here and was not signed/)
  })

  test('an edit takes effect when it is signed, and not before; what decided stays', async () => {
    await sign(minutes(0))
    const { engine } = await followed(options)
    await replace('admin/no-operators.cedar', noOperators)
    await expect(engine.reload()).rejects.toThrow(/admin\/no-operators.cedar: is here and was not signed/)
    expect(effect(engine)).toBe('allow')
    await sign(minutes(1))
    await engine.reload()
    expect([effect(engine), engine.status().lastError]).toEqual(['deny', null])
    // a manifest that is gone is a tampered directory, though the files are what decides
    await rm(join(directory.path, manifestFile))
    await expect(engine.reload()).rejects.toThrow(/policies.manifest: is not there/)
    expect(effect(engine)).toBe('deny')
  })

  test('old policies that were signed once do not come back with their old signature, on any node', async () => {
    await sign(minutes(0))
    const old = await readFile(join(directory.path, manifestFile), 'utf8')
    const { engine } = await followed(options)
    await replace('admin/no-operators.cedar', noOperators)
    await sign(minutes(1))
    await engine.reload()
    await rm(join(directory.path, 'admin/no-operators.cedar'))
    await replace(manifestFile, old)
    await expect(engine.reload()).rejects.toThrow(/were signed at .*10:00:00.* before those that decided last/)
    expect(effect(engine)).toBe('deny')
    // a node that starts with them decides by what decided last
    const other = await followed({ ...options, node: 'node-2' })
    expect([effect(other.engine), other.engine.status().version]).toEqual(['deny', engine.status().version])
    expect(other.engine.status().lastError).toContain('before those that decided last')
    await sign(minutes(2))
    await engine.reload()
    expect(effect(engine)).toBe('allow')
  })

  test('what is sent is taken when it is signed and new; what one goes back to may be old', async () => {
    await sign(minutes(0))
    const old = filesOf(await readPolicySource(directory.path))
    await replace('admin/no-operators.cedar', noOperators)
    await sign(minutes(1))
    const { engine } = await followed(options)
    const files = filesOf(await readPolicySource(directory.path))
    expect((await engine.check(files, 'newest')).bundle).toEqual({ signedBy: 'ops', signedAt: minutes(1) })
    expect((await engine.check(old, 'any')).bundle).toEqual({ signedBy: 'ops', signedAt: minutes(0) })
    await expect(engine.check(old, 'newest')).rejects.toThrow(/before those that decided last/)
    const unsigned = files.filter(({ file }) => file !== manifestFile)
    for (const age of ['newest', 'any'] as const)
      await expect(engine.check(unsigned, age)).rejects.toThrow(/policies.manifest: is not there/)
    await expect(engine.check([...files, ...files.slice(0, 1)], 'newest')).rejects.toThrow(/is there twice/)
  })
})

// Issue of emergency access: "cannot be disabled".
describe('no edit of a file closes emergency access', () => {
  const closing = policy('closed', 'forbid (principal, action == Action::"breakGlass.approve", resource);')

  test('it is refused, also when asked for, says who is missing, and the next good edit is taken', async () => {
    const { engine } = await followed({ emergency: emergencyOf(threePeople) })
    const { version } = engine.status()
    await replace('admin/closed.cedar', closing)
    await millisecondsUntil(() => engine.status().lastError !== null)
    expect(engine.status()).toMatchObject({ version, lastError: expect.stringContaining('ben (breakGlass.approve)') })
    await expect(engine.reload()).rejects.toThrow('nobody could get emergency access in production any more')
    expect((await eventsNamed('policy.reloadRefused')).length).toBe(1)
    await replace('admin/closed.cedar', closing.replace('approve', 'stats'))
    await millisecondsUntil(() => engine.status().version !== version)
    expect(engine.status().lastError).toBeNull()
  })

  test('the very first set has none before it: it decides, and what it leaves nobody is told', async () => {
    await replace('admin/closed.cedar', closing)
    const { engine } = await followed({ emergency: emergencyOf(threePeople) })
    expect(await engine.closedWay()).toMatchObject({
      environment: 'production',
      problem: expect.stringContaining('could approve'),
    })
    await replace('admin/closed.cedar', closing.replace('approve', 'stats'))
    await engine.reload()
    expect(await engine.closedWay()).toBeNull()
  })

  test('nor does one that was made while no node ran: the set before it decides, and it is told', async () => {
    const emergency = emergencyOf(threePeople)
    const before = await followed({ emergency })
    const { version } = before.engine.status()
    await before.engine.close()
    await replace('admin/closed.cedar', closing)
    const { engine, alerts } = await followed({ emergency })
    expect(engine.status()).toMatchObject({ version, lastError: expect.stringContaining('ben (breakGlass.approve)') })
    expect(alerts.told.map(({ kind }) => kind)).toEqual(['policy-reload-refused'])
    await replace('admin/closed.cedar', closing.replace('approve', 'stats'))
    await engine.reload()
    expect(engine.status().version).not.toBe(version)
  })
})
