import { generateEd25519, identityOf, joinAgent, listenAsAgent } from '@gatehouse/ssh/wire'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { shareAgent } from './shared-agent.ts'

let directory: string
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'gh-'))
})
afterAll(() => rm(directory, { recursive: true, force: true }))

const counted = async () => {
  const { privateKey } = await generateEd25519()
  const count = { issued: 0, ended: 0 }
  const credential = {
    current: () => {
      count.issued += 1
      return Promise.resolve({ forAgent: { privateKey } })
    },
    end: () => Promise.resolve(void (count.ended += 1)),
  }
  return { count, credential }
}

test('the first holds the agent for all who come, and it ends with the last of them', async () => {
  const socketPath = join(directory, 'a')
  const [first, second] = [await counted(), await counted()]
  const holder = await shareAgent({ socketPath, directory, credential: first.credential })
  const joiner = await shareAgent({ socketPath, directory, credential: second.credential })
  expect(second.count.issued).toBe(0)
  const released = holder.release()
  const still = await joinAgent(socketPath)
  expect(still, 'one who still needs it finds it').not.toBeNull()
  expect(first.count.ended).toBe(0)
  still?.leave()
  await joiner.release()
  await released
  expect([first.count.ended, second.count.ended, await joinAgent(socketPath)]).toEqual([1, 0, null])
})

test('where the holder dies, one who has joined takes its place', async () => {
  const socketPath = join(directory, 'b')
  const { privateKey } = await generateEd25519()
  const dying = await listenAsAgent(socketPath, { identities: () => Promise.resolve([identityOf({ privateKey })]) })
  const own = await counted()
  const joined = await shareAgent({ socketPath, directory, credential: own.credential })
  expect(own.count.issued).toBe(0)
  await dying.close()
  await expect
    .poll(() => joinAgent(socketPath).then((agent) => (agent?.leave(), agent !== null)), { timeout: 30_000 })
    .toBe(true)
  expect(own.count.issued).toBeGreaterThan(0)
  await joined.release()
  expect(own.count.ended).toBe(1)
})

test('a credential that cannot be issued is said, and nothing listens', async () => {
  const socketPath = join(directory, 'c')
  const refused = { current: () => Promise.reject(new Error('denied')), end: () => Promise.resolve() }
  await expect(shareAgent({ socketPath, directory, credential: refused })).rejects.toThrow('denied')
  expect(await joinAgent(socketPath)).toBeNull()
})
