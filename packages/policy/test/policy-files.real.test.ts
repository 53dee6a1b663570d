import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { EventFacts } from '@gatehouse/audit'
import { systemId } from '@gatehouse/contract'
import { uid } from '@gatehouse/enforcement'
import { volume } from '@gatehouse/testkit'
import { describe, expect, test } from 'vitest'
import { bundleSigner, makeBundleKey, manifestFile, signBundle } from '../src/bundle.ts'
import { PolicyError } from '../src/index.ts'
import { createNodeJournal, waitingMax } from '../src/node-journal.ts'
import { nodesSeenSince } from '../src/policy-node.queries.ts'
import { filesOf, readPolicySource } from '../src/policy-source.ts'
import { broken, effect, liveEngines, millisecondsUntil, noOperators } from './live-engine.ts'
import { emergencyOf, policy, threePeople } from './policy-texts.ts'

const live = liveEngines()

describe('an invalid edit', () => {
  test('is refused, the old set stays, status says file, line and reason; it is audited and told once', async () => {
    const { engine, alerts } = await live.followed({ reloadIntervalSeconds: 1 })
    const before = engine.status().version
    await live.replace('admin/no-operators.cedar', broken)
    await millisecondsUntil(() => engine.status().lastError !== null)
    expect(engine.status()).toMatchObject({
      version: before,
      lastError: expect.stringContaining('admin/no-operators.cedar:6: unexpected token `resource`'),
    })
    expect(effect(engine)).toBe('allow')
    await pause(2_500) // two revalidations and two polls of the same content
    expect(await live.eventsNamed('policy.reloadRefused')).toMatchObject([
      { detail: { node: 'node-1', version: before, problems: [{ file: 'admin/no-operators.cedar', line: 6 }] } },
    ])
    expect(alerts.told.map(({ kind }) => kind)).toEqual(['policy-reload-refused'])
    expect((await nodesSeenSince(live.db(), new Date(0)))[0]?.lastError).toBe(engine.status().lastError)
  })

  test('is forgotten when the files are what is in force again', async () => {
    const { engine } = await live.followed()
    await live.replace('admin/no-operators.cedar', broken)
    await millisecondsUntil(() => engine.status().lastError !== null)
    await rm(join(live.path(), 'admin/no-operators.cedar'))
    await millisecondsUntil(() => engine.status().lastError === null)
    await millisecondsUntil(async () => (await nodesSeenSince(live.db(), new Date(0)))[0]?.lastError === null)
    expect(await live.eventsNamed('policy.reloaded')).toEqual([])
  })

  test.each([
    [
      'a directory that is gone',
      async () => {
        await rename(live.path(), `${live.path()}.away`)
        live.afterwards(() => rename(`${live.path()}.away`, live.path()))
      },
    ],
    [
      'a directory without policies',
      async () => {
        for (const name of ['admin', 'development', 'production'])
          await rm(join(live.path(), name), { recursive: true })
      },
    ],
    // who saves over a file on a full disk has emptied it, and all that it forbade was allowed
    ['a file without a word', () => writeFile(join(live.path(), 'production/ssh.cedar'), '')],
    [
      'a schema that does not know an operation',
      async () => {
        const file = join(live.path(), 'schema/actions.cedarschema')
        await writeFile(file, (await readFile(file, 'utf8')).replaceAll('"sshKrl.get"', '"sshKrl.take"'))
      },
    ],
  ])('is %s', async (_name, spoil) => {
    const { engine } = await live.followed()
    const before = engine.status().version
    await spoil()
    await millisecondsUntil(() => engine.status().lastError !== null)
    expect(engine.status().version).toBe(before)
    expect(effect(engine)).toBe('allow')
  })

  // An empty policy file is valid Cedar: a forbid must not be lost for the moment in which its file is written anew.
  test('a file written in place slowly never loses its forbids in between', async () => {
    await writeFile(join(live.path(), 'admin/no-operators.cedar'), noOperators)
    const { engine } = await live.followed()
    let allowed = 0
    const watching = setInterval(() => {
      if (effect(engine) === 'allow') allowed += 1
    }, 5)
    live.afterwards(() => Promise.resolve(clearInterval(watching)))
    await writeFile(join(live.path(), 'admin/no-operators.cedar'), '')
    await pause(60)
    await writeFile(join(live.path(), 'admin/no-operators.cedar'), `${noOperators}\n// grown\n`)
    const before = engine.status().version
    await millisecondsUntil(() => engine.status().version !== before)
    expect(allowed).toBe(0)
  })
})

describe('the first set', () => {
  test('that is no good stops the start with file, line and reason', async () => {
    await writeFile(join(live.path(), 'admin/no-operators.cedar'), broken)
    await expect(live.opened()).rejects.toThrow(PolicyError)
    await expect(live.opened()).rejects.toThrow('admin/no-operators.cedar:6: unexpected token `resource`')
  })

  test('that is not there stops the start', async () => {
    await expect(live.opened({ path: join(live.path(), 'nowhere') })).rejects.toThrow(PolicyError)
  })
})

describe('a node that starts again', () => {
  const startedOnce = async (): Promise<string> => {
    await live.replace('admin/no-operators.cedar', noOperators)
    const { engine } = await live.followed()
    await engine.close()
    return engine.status().version
  }

  test('while a file is broken decides by what decided last, tells it, and takes what is mended', async () => {
    const version = await startedOnce()
    await live.replace('admin/no-operators.cedar', broken)
    const { engine, alerts } = await live.followed()
    expect(engine.status()).toMatchObject({
      version,
      lastError: expect.stringContaining('admin/no-operators.cedar:6: unexpected token'),
    })
    expect(effect(engine)).toBe('deny')
    expect(alerts.told.map(({ kind }) => kind)).toEqual(['policy-reload-refused'])
    expect((await live.eventsNamed('policy.reloadRefused')).length).toBe(1)
    await rm(join(live.path(), 'admin/no-operators.cedar'))
    await engine.reload()
    expect(engine.status().lastError).toBeNull()
    expect(effect(engine)).toBe('allow')
  })

  test('while nothing is mounted there does so too: what is missing is never taken for a wish', async () => {
    const version = await startedOnce()
    const { engine } = await live.followed({ path: join(live.path(), 'nowhere') })
    expect(engine.status()).toMatchObject({ version, lastError: expect.stringContaining('cannot be read') })
    expect(effect(engine)).toBe('deny')
  })
})

describe('without hot reload', () => {
  test('an edit waits until it is asked for', async () => {
    const { engine } = await live.followed({ hotReload: false })
    await live.replace('admin/no-operators.cedar', noOperators)
    await pause(2_000)
    expect(effect(engine)).toBe('allow')
    await engine.reload()
    expect(effect(engine)).toBe('deny')
  })

  test('asking for an invalid one throws what is wrong and changes nothing', async () => {
    const { engine } = await live.followed({ hotReload: false })
    await live.replace('admin/no-operators.cedar', broken)
    await expect(engine.reload()).rejects.toThrow('admin/no-operators.cedar:6')
    expect(effect(engine)).toBe('allow')
  })
})

test('reloads in a row each decide by what lies there then', async () => {
  const { engine } = await live.followed({ hotReload: false })
  for (let turn = 0; turn < volume({ full: 10, sample: 4 }); turn += 1) {
    await live.replace('admin/no-operators.cedar', turn % 2 === 0 ? `${noOperators}// ${turn}\n` : `// ${turn}\n`)
    await engine.reload()
    expect(effect(engine)).toBe(turn % 2 === 0 ? 'deny' : 'allow')
  }
})

describe('with keys for bundles', () => {
  const signer = bundleSigner(makeBundleKey(), 'ops') ?? fail()
  const minutes = (n: number): Date => new Date(Date.parse('2026-11-23T10:00:00Z') + n * 60_000)
  const sign = async (at: Date): Promise<void> => {
    const source = await readPolicySource(live.path())
    await live.replace(manifestFile, signBundle([...source.schemas, ...source.policies], at, signer))
  }
  const options = { bundleKeys: [signer.verifier], hotReload: false } as const
  function fail(): never {
    throw new TypeError('a key that was just made is one')
  }

  test('nothing starts by files that nobody signed, and it is said which', async () => {
    await expect(live.opened(options)).rejects.toThrow(/policies.manifest: is not there/)
    await sign(minutes(0))
    await live.replace('admin/more.cedar', noOperators)
    await expect(live.opened(options)).rejects.toThrow(/admin\/more.cedar: is here and was not signed/)
  })

  test('an edit takes effect when it is signed, and not before; what decided stays', async () => {
    await sign(minutes(0))
    const { engine } = await live.followed(options)
    await live.replace('admin/no-operators.cedar', noOperators)
    await expect(engine.reload()).rejects.toThrow(/admin\/no-operators.cedar: is here and was not signed/)
    expect(effect(engine)).toBe('allow')
    await sign(minutes(1))
    await engine.reload()
    expect([effect(engine), engine.status().lastError]).toEqual(['deny', null])
    // a manifest that is gone is a tampered directory, though the files are what decides
    await rm(join(live.path(), manifestFile))
    await expect(engine.reload()).rejects.toThrow(/policies.manifest: is not there/)
    expect(effect(engine)).toBe('deny')
  })

  test('old policies that were signed once do not come back with their old signature, on any node', async () => {
    await sign(minutes(0))
    const old = await readFile(join(live.path(), manifestFile), 'utf8')
    const { engine } = await live.followed(options)
    await live.replace('admin/no-operators.cedar', noOperators)
    await sign(minutes(1))
    await engine.reload()
    await rm(join(live.path(), 'admin/no-operators.cedar'))
    await live.replace(manifestFile, old)
    await expect(engine.reload()).rejects.toThrow(/were signed at .*10:00:00.* before those that decided last/)
    expect(effect(engine)).toBe('deny')
    // a node that starts with them decides by what decided last
    const other = await live.followed({ ...options, node: 'node-2' })
    expect([effect(other.engine), other.engine.status().version]).toEqual(['deny', engine.status().version])
    expect(other.engine.status().lastError).toContain('before those that decided last')
    await sign(minutes(2))
    await engine.reload()
    expect(effect(engine)).toBe('allow')
  })

  test('what is sent is taken when it is signed and new; what one goes back to may be old', async () => {
    await sign(minutes(0))
    const old = filesOf(await readPolicySource(live.path()))
    await live.replace('admin/no-operators.cedar', noOperators)
    await sign(minutes(1))
    const { engine } = await live.followed(options)
    const files = filesOf(await readPolicySource(live.path()))
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
    const { engine } = await live.followed({ emergency: emergencyOf(threePeople) })
    const { version } = engine.status()
    await live.replace('admin/closed.cedar', closing)
    await millisecondsUntil(() => engine.status().lastError !== null)
    expect(engine.status()).toMatchObject({ version, lastError: expect.stringContaining('ben (breakGlass.approve)') })
    await expect(engine.reload()).rejects.toThrow('nobody could get emergency access in production any more')
    expect((await live.eventsNamed('policy.reloadRefused')).length).toBe(1)
    await live.replace('admin/closed.cedar', closing.replace('approve', 'stats'))
    await millisecondsUntil(() => engine.status().version !== version)
    expect(engine.status().lastError).toBeNull()
  })

  test('the very first set has none before it: it decides, and what it leaves nobody is told', async () => {
    await live.replace('admin/closed.cedar', closing)
    const { engine } = await live.followed({ emergency: emergencyOf(threePeople) })
    expect(await engine.closedWay()).toMatchObject({
      environment: 'production',
      problem: expect.stringContaining('could approve'),
    })
    await live.replace('admin/closed.cedar', closing.replace('approve', 'stats'))
    await engine.reload()
    expect(await engine.closedWay()).toBeNull()
  })

  test('nor does one that was made while no node ran: the set before it decides, and it is told', async () => {
    const emergency = emergencyOf(threePeople)
    const before = await live.followed({ emergency })
    const { version } = before.engine.status()
    await before.engine.close()
    await live.replace('admin/closed.cedar', closing)
    const { engine, alerts } = await live.followed({ emergency })
    expect(engine.status()).toMatchObject({ version, lastError: expect.stringContaining('ben (breakGlass.approve)') })
    expect(alerts.told.map(({ kind }) => kind)).toEqual(['policy-reload-refused'])
    await live.replace('admin/closed.cedar', closing.replace('approve', 'stats'))
    await engine.reload()
    expect(engine.status().version).not.toBe(version)
  })
})

test('what happens while as much as may wait is being recorded is recorded next', async () => {
  const { engine } = await live.followed()
  const recorded: unknown[] = []
  const { promise: isWriting, resolve: writes } = Promise.withResolvers<void>()
  const { promise: goOn, resolve: go } = Promise.withResolvers<void>()
  const journal = createNodeJournal({
    db: live.db(),
    clock: { now: () => new Date() },
    alerts: { raise: () => undefined },
    state: () => ({ ...engine.status(), node: 'node-2' }),
    set: () => engine.inForce().set,
    fromFiles: () => null,
    noted: () => undefined,
  })
  const happened = (detail: Readonly<Record<string, unknown>>) =>
    journal.note({ name: 'policy.reloaded', resource: uid('System', systemId), detail })
  await Promise.all(Array.from({ length: waitingMax }, (_, index) => happened({ index })))
  const record = async (_tx: unknown, { detail }: EventFacts): Promise<void> => {
    recorded.push(detail)
    writes()
    await goOn
  }
  const opened = journal.open({ event: record })
  await isWriting
  const last = happened({ index: 'last' })
  go()
  await Promise.all([opened, last])
  await journal.close()
  expect(recorded).toHaveLength(waitingMax + 1)
  expect(recorded.at(-1)).toEqual({ index: 'last' })
})
