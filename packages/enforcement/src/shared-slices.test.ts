import { expect, test } from 'vitest'
import { sharedSlices } from './shared-slices.ts'
import type { Slice, Slices } from './slice.ts'

const hostOf = (id: string): Slice => ({
  resource: { type: 'SshHost', id },
  workspace: null,
  entities: [],
  versions: [],
})

/** Looks that answer when the test says so. */
function heldLooks() {
  const looks: { readonly id: string; readonly answer: () => void }[] = []
  const SshHost = (_db: null, id: string): Promise<Slice | null> =>
    new Promise((resolve) => {
      looks.push({ id, answer: () => resolve(id === 'none' ? null : hostOf(id)) })
    })
  // the one type that is asked for
  return { looks, slices: sharedSlices({ SshHost } as unknown as Slices<null>) }
}

const turnEnds = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

test('calls about the same thing that come at once share one look, and each about another has its own', async () => {
  const { looks, slices } = heldLooks()
  const asked = ['a', 'b', 'a', 'none', 'a'].map((id) => slices.SshHost(null, id))
  await turnEnds()
  expect(looks.map(({ id }) => id)).toEqual(['a', 'b', 'none'])
  for (const { answer } of looks) answer()
  await expect(Promise.all(asked)).resolves.toEqual([hostOf('a'), hostOf('b'), hostOf('a'), null, hostOf('a')])
})

test('who asks during a look is told of the next one, which began after they asked', async () => {
  const { looks, slices } = heldLooks()
  const early = slices.SshHost(null, 'a')
  await turnEnds()
  const late = slices.SshHost(null, 'a')
  await turnEnds()
  expect(looks).toHaveLength(1)
  looks[0]?.answer()
  await expect(early).resolves.toEqual(hostOf('a'))
  await turnEnds()
  expect(looks).toHaveLength(2)
  looks[1]?.answer()
  await expect(late).resolves.toEqual(hostOf('a'))
})
