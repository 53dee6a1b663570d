import { cp, mkdtemp, realpath, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { nodesSeenSince } from '../src/policy-node.queries.ts'
import { effect, liveEngines, millisecondsUntil, noOperators, request } from './live-engine.ts'
import { copyOfPolicies, shippedPolicies } from './policy-texts.ts'

/** What the product promises of an edit, and what a loaded test machine is given besides. */
const effectMillisecondsMax = 2_000
const live = liveEngines()

// Threat C11, acceptance 11.
describe('an edit takes effect within two seconds', () => {
  test('by a rename, is recorded, and its version is what decisions name', async () => {
    const { engine } = await live.followed()
    const before = engine.status().version
    expect(effect(engine)).toBe('allow')
    await live.replace('admin/no-operators.cedar', noOperators)
    expect(await millisecondsUntil(() => effect(engine) === 'deny')).toBeLessThan(effectMillisecondsMax)
    expect(engine.decider.decide(request)).toEqual({
      effect: 'deny',
      policies: ['no-operators'],
      version: engine.status().version,
    })
    expect(engine.status().version).not.toBe(before)
    await millisecondsUntil(async () => (await live.eventsNamed('policy.reloaded')).length === 1)
    const [event] = await live.eventsNamed('policy.reloaded')
    expect(event).toMatchObject({ detail: { node: 'node-1', before, version: engine.status().version } })
  })

  test('by a write in place', async () => {
    const { engine } = await live.followed()
    await writeFile(join(live.path(), 'admin/no-operators.cedar'), noOperators)
    expect(await millisecondsUntil(() => effect(engine) === 'deny')).toBeLessThan(effectMillisecondsMax)
  })

  test('by taking a file away', async () => {
    const { engine } = await live.followed()
    await rm(join(live.path(), 'production/ssh.cedar'))
    expect(await millisecondsUntil(() => effect(engine) === 'deny')).toBeLessThan(effectMillisecondsMax)
  })

  test('by a swap of the link that the path is', async () => {
    const links = await realpath(await mkdtemp(join(tmpdir(), 'gatehouse-links-')))
    const next = await copyOfPolicies()
    live.afterwards(next.remove, () => rm(links, { recursive: true }))
    await writeFile(join(next.path, 'admin/no-operators.cedar'), noOperators)
    await symlink(live.path(), join(links, 'policies'))
    const { engine } = await live.followed({ path: join(links, 'policies') })
    await symlink(next.path, join(links, 'policies.next'))
    await rename(join(links, 'policies.next'), join(links, 'policies'))
    expect(await millisecondsUntil(() => effect(engine) === 'deny')).toBeLessThan(effectMillisecondsMax)
  })

  test('by a swap of `..data`, as a mounted ConfigMap does it', async () => {
    const mount = await realpath(await mkdtemp(join(tmpdir(), 'gatehouse-mount-')))
    live.afterwards(() => rm(mount, { recursive: true }))
    for (const turn of ['..one', '..two']) await cp(shippedPolicies, join(mount, turn), { recursive: true })
    await writeFile(join(mount, '..two/admin/no-operators.cedar'), noOperators)
    await symlink('..one', join(mount, '..data'))
    for (const name of ['schema', 'admin', 'development', 'production'])
      await symlink(`..data/${name}`, join(mount, name))
    const { engine } = await live.followed({ path: mount })
    expect(effect(engine)).toBe('allow')
    await symlink('..two', join(mount, '..data.next'))
    await rename(join(mount, '..data.next'), join(mount, '..data'))
    expect(await millisecondsUntil(() => effect(engine) === 'deny')).toBeLessThan(effectMillisecondsMax)
  })

  test('on every node that follows the directory, and each tells the others', async () => {
    const [one, two] = [await live.followed({ node: 'node-1' }), await live.followed({ node: 'node-2' })]
    await live.replace('admin/no-operators.cedar', noOperators)
    expect(await millisecondsUntil(() => effect(one.engine) === 'deny' && effect(two.engine) === 'deny')).toBeLessThan(
      effectMillisecondsMax * 2,
    ) // two validations on the cores of one
    const { version } = one.engine.status()
    await millisecondsUntil(async () =>
      (await nodesSeenSince(live.db(), new Date(Date.now() - 60_000))).every((row) => row.version === version),
    )
    expect((await nodesSeenSince(live.db(), new Date(Date.now() - 60_000))).map(({ node }) => node)).toEqual([
      'node-1',
      'node-2',
    ])
    await two.engine.close()
    expect((await nodesSeenSince(live.db(), new Date(Date.now() - 60_000))).map(({ node }) => node)).toEqual(['node-1'])
  })
})

// Threat C6, C11: whoever can keep the audit log from being written must not be able to keep a forbid from taking
// effect.
test('an edit takes effect while the record cannot be written, and is recorded when it can', async () => {
  const { engine, alerts } = await live.opened()
  const record = await live.recordOf(engine)
  let away = true
  await engine.follow({
    event: (tx, event) => (away ? Promise.reject(new Error('the record is away')) : record.event(tx, event)),
  })
  await live.replace('admin/no-operators.cedar', noOperators)
  expect(await millisecondsUntil(() => effect(engine) === 'deny')).toBeLessThan(effectMillisecondsMax)
  await millisecondsUntil(() => alerts.told.some(({ kind }) => kind === 'policy-record-failed'))
  expect(await live.eventsNamed('policy.reloaded')).toEqual([])
  away = false
  await live.replace('admin/no-operators.cedar', `${noOperators}\n// again\n`)
  await millisecondsUntil(async () => (await live.eventsNamed('policy.reloaded')).length === 2)
})

test('a reload that is asked for answers while the record hangs, and is recorded in the end', async () => {
  const { engine } = await live.opened()
  const record = await live.recordOf(engine)
  let answer: () => void = () => undefined
  const hanging = new Promise<void>((resolve) => (answer = resolve))
  await engine.follow({ event: async (tx, event) => hanging.then(() => record.event(tx, event)) })
  await live.replace('admin/no-operators.cedar', noOperators)
  const reloads = Promise.all([engine.reload(), engine.reload(), engine.reload()]).then(() => 'answered')
  const first = await Promise.race([reloads, pause(effectMillisecondsMax * 2, 'waited')])
  if (first !== 'answered') answer()
  expect(first).toBe('answered')
  expect(effect(engine)).toBe('deny')
  expect(await live.eventsNamed('policy.reloaded')).toEqual([])
  answer()
  await millisecondsUntil(async () => (await live.eventsNamed('policy.reloaded')).length === 1)
})
