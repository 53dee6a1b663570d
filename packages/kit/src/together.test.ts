import { expect, test } from 'vitest'
import { endOfTask } from './end-of-task.ts'
import { loadTogether, loadTogetherInLanes } from './together.ts'

/** A load whose answers come when the test says so; it keeps what it was asked for. */
function heldLoad() {
  const loads: { readonly keys: readonly string[]; readonly answer: () => void; readonly fail: () => void }[] = []
  const load = (keys: readonly string[]): Promise<readonly string[]> =>
    new Promise((resolve, reject) => {
      loads.push({
        keys,
        answer: () => resolve(keys.map((key) => key.toUpperCase())),
        fail: () => reject(new Error('away')),
      })
    })
  return { loads, load }
}

const keysOf = ({ loads }: ReturnType<typeof heldLoad>) => loads.map(({ keys }) => keys)

/** What waits for nothing from outside has gone on. */
const turnEnds = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

test('those who ask in one turn are loaded for at its end, however many steps each was behind', async () => {
  const held = heldLoad()
  const load = loadTogether(held.load, 10)
  const later = async (steps: number, key: string): Promise<string> => {
    for (let step = 0; step < steps; step += 1) await Promise.resolve()
    return load(key)
  }
  const asked = [load('a'), later(3, 'b'), later(30, 'c')]
  expect(keysOf(held)).toEqual([])
  await turnEnds()
  expect(keysOf(held)).toEqual([['a', 'b', 'c']])
  held.loads[0]?.answer()
  await expect(Promise.all(asked)).resolves.toEqual(['A', 'B', 'C'])
})

test('those who ask during a load share the next one, which begins after they asked', async () => {
  const held = heldLoad()
  const load = loadTogether(held.load, 10)
  const first = load('a')
  await turnEnds()
  const others = ['b', 'c', 'b'].map(load)
  await turnEnds()
  expect(keysOf(held)).toEqual([['a']])
  held.loads[0]?.answer()
  await expect(first).resolves.toBe('A')
  await turnEnds()
  expect(keysOf(held)).toEqual([['a'], ['b', 'c', 'b']])
  held.loads[1]?.answer()
  await expect(Promise.all(others)).resolves.toEqual(['B', 'C', 'B'])
})

test('no load is for more than its most, and all are answered', async () => {
  const sizes: number[] = []
  const load = loadTogether<number, number>((keys) => {
    sizes.push(keys.length)
    return Promise.resolve(keys.map((key) => key * 2))
  }, 3)
  const keys = Array.from({ length: 8 }, (_, key) => key)
  await expect(Promise.all(keys.map(load))).resolves.toEqual(keys.map((key) => key * 2))
  expect(sizes).toEqual([3, 3, 2])
})

test('a load that fails fails for its askers only', async () => {
  const held = heldLoad()
  const load = loadTogether(held.load, 10)
  const first = load('a')
  await turnEnds()
  const second = load('b')
  held.loads[0]?.fail()
  await expect(first).rejects.toThrow('away')
  await turnEnds()
  held.loads[1]?.answer()
  await expect(second).resolves.toBe('B')
})

test('a load that answers for fewer than were asked for fails', async () => {
  await expect(loadTogether<string, string>(() => Promise.resolve([]), 10)('a')).rejects.toThrow(RangeError)
})

test('in lanes, nobody waits for another lane, and none is loaded for with another', async () => {
  const held = heldLoad()
  const load = loadTogetherInLanes(held.load, 10)
  const asked = [load('one', 'a'), load('other', 'b'), load('one', 'c')]
  await turnEnds()
  expect(keysOf(held)).toEqual([['a', 'c'], ['b']])
  held.loads[1]?.answer()
  await expect(asked[1]).resolves.toBe('B')
  const next = [load('one', 'd'), load('other', 'e')]
  await turnEnds()
  expect(keysOf(held)).toEqual([['a', 'c'], ['b'], ['e']])
  held.loads[2]?.answer()
  await expect(next[1]).resolves.toBe('E')
  held.loads[0]?.answer()
  await expect(Promise.all([asked[0], asked[2]])).resolves.toEqual(['A', 'C'])
  await turnEnds()
  held.loads[3]?.answer()
  await expect(next[0]).resolves.toBe('D')
  expect(keysOf(held)).toEqual([['a', 'c'], ['b'], ['e'], ['d']])
})

test('who asks alone is loaded for without another look at the network, who asks after many is not', async () => {
  const held = heldLoad()
  const load = loadTogether(held.load, 10)
  const first = load('a')
  await endOfTask()
  expect(keysOf(held)).toEqual([['a']])
  const others = [load('b'), load('c')]
  held.loads[0]?.answer()
  await first
  await turnEnds()
  expect(keysOf(held)).toEqual([['a'], ['b', 'c']])
  held.loads[1]?.answer()
  await Promise.all(others)
  const last = load('d')
  await endOfTask()
  expect(keysOf(held)).toHaveLength(2)
  await turnEnds()
  expect(keysOf(held)).toEqual([['a'], ['b', 'c'], ['d']])
  held.loads[2]?.answer()
  await expect(last).resolves.toBe('D')
})
