import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { retryDelaySeconds } from '@gatehouse/secrets/transitions'
import { temporal } from '@temporalio/proto'
import { Worker, type WorkflowBundle } from '@temporalio/worker'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { TestWorkflowEnvironment } from '@temporalio/testing'
import { leaseExpiry, leaseRevocation, scheduled } from '../src/workflows/index.ts'
import { bundle, dataConverter, quiet, startEnvironment, withWorker, type Script } from './test-bed.ts'

const directory = resolve(import.meta.dirname, '../histories')

/**
 * Runs that are recorded once and kept: a change of workflow code that they cannot replay would stop what is running
 * (F7). Delete a file to have it recorded anew.
 */
const recordings = ['lease-expiry', 'lease-revocation', 'scheduled'] as const

let workflowBundle: WorkflowBundle

beforeAll(async () => {
  quiet()
  workflowBundle = await bundle()
  const missing = recordings.filter((name) => !existsSync(join(directory, `${name}.json`)))
  if (missing.length === 0) return
  environment = await startEnvironment()
  for (const name of missing)
    writeFileSync(
      join(directory, `${name}.json`),
      `${JSON.stringify(await record(name), null, 1).replaceAll(/"\d+@[^"]+"/g, '"test"')}\n`,
    ) // who recorded it is nobody's business
})
let environment: TestWorkflowEnvironment | null = null
afterAll(async () => environment?.teardown())

const script: Record<(typeof recordings)[number], Script> = {
  'lease-expiry': { asked: [], answers: [{ ended: 1, failed: [], nextDueInSeconds: null }], due: [null, 3, -1, null] },
  'lease-revocation': {
    asked: [],
    answers: [2, 3]
      .map((attempts) => ({ ended: 0, failed: ['l'], nextDueInSeconds: retryDelaySeconds(attempts) }))
      .concat([{ ended: 1, failed: [], nextDueInSeconds: null } as never]),
    due: [null],
  }, // the last answer has another shape of the same type
  scheduled: { asked: [], answers: [{ hosts: 0, removed: 0, restored: 0, failed: [], left: 0 }], due: [null] },
}

async function record(name: (typeof recordings)[number]): Promise<unknown> {
  const server = environment
  if (server === null) throw new TypeError('recording needs a server')
  return withWorker({ environment: server, workflowBundle, script: script[name] }, async (taskQueue) => {
    const options = { taskQueue, workflowId: name }
    const { workflow } = server.client
    const start = {
      'lease-expiry': () => workflow.start(leaseExpiry, { ...options, args: [{ backend: 'ssh-key' }] }),
      'lease-revocation': () =>
        workflow.start(leaseRevocation, { ...options, args: [{ backend: 'ssh-key', leaseId: 'lease-1' }] }),
      scheduled: () => workflow.start(scheduled, { ...options, args: [{ id: 'ssh-reconcile' }] }),
    }
    const handle = await start[name]()
    if (name === 'lease-expiry') await server.sleep('30 seconds')
    else await handle.result()
    return handle.fetchHistory()
  })
}

// written by our own recorder
const recorded = (json: string) => temporal.api.history.v1.History.fromObject(JSON.parse(json) as object)

test('there is a recording of every workflow', () => {
  expect(
    readdirSync(directory)
      .filter((name) => name.endsWith('.json'))
      .map((name) => name.replace('.json', ''))
      .toSorted(),
  ).toEqual([...recordings].toSorted())
})

test.each(recordings)("today's code replays a recorded %s", async (name) => {
  const history = recorded(readFileSync(join(directory, `${name}.json`), 'utf8'))
  await Worker.runReplayHistory({ workflowBundle, dataConverter, replayName: name }, history, name)
})

test('a replay notices code that does something else', async () => {
  const history = recorded(
    readFileSync(join(directory, 'lease-revocation.json'), 'utf8').replaceAll('"leaseRevocation"', '"scheduled"'),
  )
  await expect(
    Worker.runReplayHistory({ workflowBundle, dataConverter, replayName: 'other' }, history, 'other'),
  ).rejects.toThrow(/nondeterminism|determinism/i)
})
