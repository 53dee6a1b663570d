import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ensureProgramsBuilt, type BuildPrograms } from './programs.ts'

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'gatehouse-programs-'))
  put('apps/gateway/src/main.ts', 'one')
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

const put = (path: string, text: string): void => {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), text)
}

let builds = 0
const build: BuildPrograms = (_, directory) => {
  builds += 1
  mkdirSync(join(directory, 'apps'), { recursive: true })
  writeFileSync(join(directory, 'apps', 'gateway.mjs'), `build ${builds}`)
  return Promise.resolve()
}
const ensure = () => ensureProgramsBuilt(root, { build })
const kept = (): readonly string[] => readdirSync(join(root, 'node_modules', '.cache', 'gatehouse', 'programs'))

test('programs are put together anew when a source changes, and only then', async () => {
  const first = await ensure()
  put('packages/policy/src/decider.test.ts', 'a test is no source')
  expect(await ensure()).toEqual(first)
  put('packages/policy/src/decider.ts', 'a further source')
  const second = await ensure()
  expect(second.gateway).not.toBe(first.gateway)
  put('packages/policy/src/decider.ts', 'a changed source')
  expect([first.gateway, second.gateway]).not.toContain((await ensure()).gateway)
  // a program that runs still finds its parts
  expect(existsSync(first.gateway)).toBe(true)
})

test('of several that put the same programs together each gets a whole one', async () => {
  const [one, two] = await Promise.all([ensure(), ensure()])
  expect(one).toEqual(two)
  expect(existsSync(one.gateway)).toBe(true)
  expect(kept()).toHaveLength(1)
})

test('what could not be put together leaves nothing behind', async () => {
  const fails: BuildPrograms = async (checkout, directory) => {
    await build(checkout, directory)
    throw new TypeError('a source does not parse')
  }
  await expect(ensureProgramsBuilt(root, { build: fails })).rejects.toThrow('does not parse')
  expect(kept()).toEqual([])
})

test('programs of older sources go once nobody has started them for days', async () => {
  const { gateway } = await ensure()
  const fourDaysAgo = new Date(Date.now() - 4 * 86_400_000)
  utimesSync(join(gateway, '..', '..'), fourDaysAgo, fourDaysAgo)
  put('apps/gateway/src/main.ts', 'two')
  await ensure()
  expect(kept()).toHaveLength(1)
  expect(existsSync(gateway)).toBe(false)
})
