import { mkdir, mkdtemp, realpath, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createStillness, type Stillness } from './stillness.ts'

/** More than a step of the clock by which a file system tells times. */
const stepMilliseconds = 30

let root: string
let stillness: Stillness
beforeEach(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), 'gatehouse-still-')))
  await mkdir(join(root, 'policies/schema'), { recursive: true })
  await mkdir(join(root, 'policies/admin'))
  await writeFile(join(root, 'policies/schema/entities.cedarschema'), 'entity Team;')
  await writeFile(join(root, 'policies/admin/one.cedar'), 'permit (principal, action, resource);')
  stillness = createStillness(join(root, 'policies'))
})
afterEach(() => rm(root, { recursive: true }))

/** Looks until nothing need be read any more, and answers how often it was read. */
async function readUntilStill(): Promise<number> {
  for (let reads = 0; reads < 100; reads += 1) {
    if (await stillness.isStill()) return reads
    stillness.wasRead()
  }
  throw new Error('it never came to rest')
}

async function atRest(): Promise<void> {
  await readUntilStill()
  await pause(stepMilliseconds)
}

test('is read at several looks, and then no more', async () => {
  expect(await readUntilStill()).toBe(6)
  expect(await readUntilStill()).toBe(0)
})

test('is never still while what was found is not settled', async () => {
  for (let look = 0; look < 20; look += 1) expect(await stillness.isStill()).toBe(false)
})

test.each<readonly [string, () => Promise<unknown>]>([
  [
    'an edit in place of the same length',
    () => writeFile(inPolicies('admin/one.cedar'), 'forbid (principal, action, resource);'),
  ],
  ['a new file', () => writeFile(inPolicies('admin/two.cedar'), '')],
  ['a new folder', () => mkdir(inPolicies('production'))],
  ['a file that is gone', () => rm(inPolicies('admin/one.cedar'))],
  [
    'a rename over a file',
    async () => {
      await writeFile(join(root, 'next'), 'permit (principal, action, resource);')
      await rename(join(root, 'next'), inPolicies('admin/one.cedar'))
    },
  ],
  ['a directory that is gone', () => rename(inPolicies(''), join(root, 'away'))],
])('is not still after %s', async (_name, change) => {
  await atRest()
  await change()
  expect(await stillness.isStill()).toBe(false)
  expect(await readUntilStill()).toBeGreaterThan(0)
})

test('sees an edit in place of a file that came after it had been at rest', async () => {
  await atRest()
  await writeFile(inPolicies('admin/two.cedar'), 'permit (principal, action, resource);')
  await atRest()
  await writeFile(inPolicies('admin/two.cedar'), 'forbid (principal, action, resource);')
  expect(await stillness.isStill()).toBe(false)
})

test('sees a swap of the link that its path is, and of one in it', async () => {
  await symlink(inPolicies(''), join(root, 'current'))
  stillness = createStillness(join(root, 'current'))
  await atRest()
  await mkdir(join(root, 'other/admin'), { recursive: true })
  await symlink(join(root, 'other'), join(root, 'next'))
  await rename(join(root, 'next'), join(root, 'current'))
  expect(await stillness.isStill()).toBe(false)
  await symlink(join(root, 'policies/admin'), join(root, 'other/more'))
  await atRest()
  await symlink(join(root, 'policies/schema'), join(root, 'other/next'))
  await rename(join(root, 'other/next'), join(root, 'other/more'))
  expect(await stillness.isStill()).toBe(false)
})

const inPolicies = (name: string): string => join(root, 'policies', name)
