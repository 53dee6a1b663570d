import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { testSeed, volume } from '@gatehouse/testkit'
import { beforeAll, expect, test } from 'vitest'
import type { Mutated, Mutating } from '../test/mutate-documents.ts'

const golden = join(import.meta.dirname, '..', 'testdata', 'golden')
const names = ['yaml', 'json', 'env', 'ini', 'bin'].map((ending) => `sops-3.11.0.${ending}`)
/** Each of the five formats; a hundred thousand documents in all. */
const numRuns = volume({ full: 20_000, sample: 150 })
/** All that the thread may hold beside its own code; a document is a few kilobytes. */
const memoryMiBMax = 96

const answers = new Map<string, Mutated>()
beforeAll(
  async () => {
    const others = names.map((name) => [name, name.replace('3.11.0', '3.9.4')] as const)
    const workerData: Mutating = { golden, names: others, numRuns, seed: testSeed() }
    const worker = new Worker(join(import.meta.dirname, '..', 'test', 'mutate-documents.ts'), {
      workerData,
      resourceLimits: { maxOldGenerationSizeMb: memoryMiBMax },
    })
    worker.on('message', (one: Mutated) => answers.set(one.name, one))
    await new Promise((ended, failed) => worker.on('exit', ended).on('error', failed))
  },
  volume({ full: 1_800_000, sample: 60_000 }),
)

test.each(names)('%s, changed in any way, is refused by name or opens with the values that were encrypted', (name) => {
  const answer = answers.get(name)
  expect(answer).toMatchObject({ fault: null })
  // comments, names of keys in clear and lines of keys that are not needed may change
  expect(answer?.refused).toBeGreaterThan(numRuns / 4)
})
