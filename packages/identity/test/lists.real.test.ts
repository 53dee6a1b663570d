import { encodeTuple } from '@gatehouse/contract'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { logIn, personOf, startSystem, type LoggedIn, type TestNode, type TestSystem } from './system.ts'

let system: TestSystem
let node: TestNode
let admin: LoggedIn
beforeAll(async () => {
  system = await startSystem()
  node = await system.openNode()
  admin = await logIn(system, node, personOf(system, 'Admin'))
  for (const [username, displayName] of people)
    await node.call('user.create', { username, displayName, role: 'Viewer', teams: [] }, admin.access)
  for (const [name, description] of teams) await node.call('team.create', { name, description }, admin.access)
})
afterAll(() => system.end())

const people = [
  ['zoe', 'Zoë Ångström'],
  ['bea', 'Bea 50% Bold'],
  ['adele', 'Adele'],
  ['carl', 'Carl Bold'],
] as const
const teams = [
  ['night', 'who is awake'],
  ['alpha', 'first'],
  ['beta', 'a_b'],
] as const

type Sort = 'newest' | 'oldest' | 'name'
type Listed = 'user.list' | 'team.list'

async function walk(name: Listed, input: { sort?: Sort; search?: string }, first = 2) {
  const seen: { id: string; createdAt: Date; name: string }[] = []
  let after: string | undefined
  do {
    const page = await node.call(name, { ...input, first, after }, admin.access)
    for (const item of page.items)
      seen.push({ id: item.id, createdAt: item.createdAt, name: 'username' in item ? item.username : item.name })
    after = page.nextCursor ?? undefined
  } while (after !== undefined)
  return seen
}

describe.each(['user.list', 'team.list'] as const)('%s', (name) => {
  test('comes by name from A to Z without case, page by page, with nothing lost or doubled', async () => {
    const all = await walk(name, {}, 200)
    const byName = await walk(name, { sort: 'name' })
    const names = all.map((item) => item.name)
    expect(byName.map((item) => item.name)).toEqual(
      names.toSorted((a, b) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1)),
    )
    expect(new Set(byName.map(({ id }) => id)).size).toBe(all.length)
  })

  test('comes by age from either end', async () => {
    const all = await walk(name, {}, 200)
    expect((await walk(name, { sort: 'newest' })).map(({ id }) => id)).toEqual(all.map(({ id }) => id))
    expect((await walk(name, { sort: 'oldest' })).map(({ id }) => id)).toEqual(all.map(({ id }) => id).reverse())
  })

  test('a name that comes between two pages is neither lost nor moves the others', async () => {
    const page = await node.call(name, { sort: 'name', first: 2 }, admin.access)
    const before = await walk(name, { sort: 'name' })
    if (name === 'user.list')
      await node.call('user.create', { username: 'aaa', displayName: 'A', role: 'Viewer', teams: [] }, admin.access)
    else await node.call('team.create', { name: 'aaa' }, admin.access)
    const next = await node.call(name, { sort: 'name', first: 2, after: page.nextCursor ?? '' }, admin.access)
    expect(next.items.map(({ id }) => id)).toEqual(before.slice(2, 4).map(({ id }) => id))
  })

  test('refuses the cursor of another order, and one that was made up', async () => {
    const { nextCursor } = await node.call(name, { sort: 'name', first: 1 }, admin.access)
    const id = '01980000-0000-7000-8000-000000000001'
    const refused = [
      { sort: 'oldest', after: nextCursor ?? '' },
      { after: nextCursor ?? '' },
      { sort: 'oldest', after: encodeTuple(['oldest', 'not a time', id]) },
      { sort: 'name', after: encodeTuple(['name', '\0', id]) },
      { sort: 'name', after: encodeTuple(['name', 'a', 'no-uuid']) },
      { sort: 'name', after: encodeTuple(['name', 'a'.repeat(5000), id]) },
    ] as const
    for (const input of refused) expect(await node.outcome(name, input, admin.access)).toBe('invalid-input')
  })
})

test('people are found by part of a name, in any case, and nothing is a wildcard', async () => {
  const found = async (search: string) => (await walk('user.list', { search, sort: 'name' })).map(({ name }) => name)
  expect(await found('BOLD')).toEqual(['bea', 'carl'])
  expect(await found('zoë å')).toEqual(['zoe'])
  expect(await found('50%')).toEqual(['bea'])
  expect(await found('_')).toEqual([])
})

test('teams are found by name and description', async () => {
  const found = async (search: string) => (await walk('team.list', { search })).map(({ name }) => name)
  expect(await found('BETA')).toEqual(['beta'])
  expect(await found('a_b')).toEqual(['beta'])
  expect(await found('AWAKE')).toEqual(['night'])
})
