import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { retryDelaySeconds } from '@gatehouse/secrets/transitions'
import { temporal } from '@temporalio/proto'
import { Worker, type WorkflowBundle } from '@temporalio/worker'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { TestWorkflowEnvironment } from '@temporalio/testing'
import { rowClockKinds, workflowIds } from '@gatehouse/contract/workflows'
import { isUuid } from '@gatehouse/kit'
import { changed, leaseExpiry, leaseRevocation, rowClock, scheduled } from '../src/workflows/index.ts'
import { incidentRow, keyRow, requestRow, sessionRow } from './rows.ts'
import { bundle, dataConverter, quiet, startEnvironment, withWorker, type Script } from './test-bed.ts'

const directory = resolve(import.meta.dirname, '../histories')

/**
 * Runs that are recorded once and kept: a change of workflow code that they cannot replay would stop what is running
 * (F7). Delete a file to have it recorded anew.
 */
const recordings = [
  'lease-expiry',
  'lease-revocation',
  'scheduled',
  'break-glass',
  'emergency-session',
  'incident',
  'key-rotation',
] as const

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

type RowName = (typeof rowClockKinds)[number]
const isRow = (name: (typeof recordings)[number]): name is RowName =>
  (rowClockKinds as readonly string[]).includes(name)
const script: Record<Exclude<(typeof recordings)[number], RowName>, Script> = {
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
  if (isRow(name)) return recordRow(server, name)
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

const rowId = '01980000-0000-7000-8000-000000000001'

/** A row from its beginning to its end, with a change that its workflow is told of, and one forged in between. */
async function recordRow(server: TestWorkflowEnvironment, kind: RowName): Promise<unknown> {
  const now = async (): Promise<Date> => new Date(Number(await server.currentTimeMs()))
  const [request, session, incident] = [await requestRow(now), await sessionRow(now, 3600), await incidentRow(now)]
  const key = await keyRow(now, 30)
  const row = { 'break-glass': request, 'emergency-session': session, incident, 'key-rotation': key }[kind]
  const lives = {
    'break-glass': async (): Promise<void> => {
      await server.sleep('20 minutes')
      await request.happens({ type: 'counted', met: true, deniedByTeams: false })
    },
    'emergency-session': async (): Promise<void> => {
      await server.sleep('25 minutes')
      await session.happens({ type: 'used' })
      await server.sleep('80 hours')
      session.review()
    },
    incident: async (): Promise<void> => {
      await server.sleep('75 hours')
      incident.close()
    },
    'key-rotation': async (): Promise<void> => {
      await server.sleep('31 days')
      key.rewrap()
      await server.sleep('10 days')
      key.disable()
    },
  }
  const idle: Script = { asked: [], answers: [null], due: [null] }
  return withWorker({ environment: server, workflowBundle, script: idle, clocks: [row.clock] }, async (taskQueue) => {
    const workflowId = workflowIds.rowClock(kind, rowId)
    const handle = await server.client.workflow.start(rowClock, { taskQueue, workflowId, args: [{ kind, id: rowId }] })
    await handle.signal(changed)
    await lives[kind]()
    await handle.signal(changed)
    await handle.result()
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

/** Every payload of a history, wherever it hangs. */
const payloadsOf = (value: unknown): temporal.api.common.v1.IPayload[] => {
  if (typeof value !== 'object' || value === null) return []
  if ('metadata' in value && 'data' in value) return [value as temporal.api.common.v1.IPayload] // so it is declared
  return Object.values(value).flatMap(payloadsOf)
}

/** What may stand in clear beside ids: what there is of each kind in every installation. */
const words = new Set<string>([...rowClockKinds, 'ssh-key', 'ssh-reconcile', 'lease-1'])

/** What our workflows may take, give and keep: ids, kinds, names of sweeps and schedules, seconds. */
const isPlain = (value: unknown): boolean => {
  if (typeof value === 'string') return words.has(value) || isUuid(value)
  if (typeof value !== 'object' || value === null) return typeof value === 'number' || value === null
  const known = Object.keys(value).every((name) => ['backend', 'leaseId', 'id', 'kind'].includes(name))
  return known && Object.values(value).every(isPlain)
}

test.each(recordings)('a recorded %s is sealed, and under the seal has ids and seconds alone', async (name) => {
  const payloads = payloadsOf(recorded(readFileSync(join(directory, `${name}.json`), 'utf8')))
  expect(payloads.length).toBeGreaterThan(0)
  const [codec] = dataConverter.payloadCodecs ?? []
  if (codec === undefined) throw new TypeError('histories are sealed by a codec')
  for (const payload of payloads) {
    expect(Buffer.from(payload.metadata?.encoding ?? []).toString()).toBe('binary/encrypted')
    const [opened] = await codec.decode([payload])
    const value: unknown = opened?.data?.length ? JSON.parse(Buffer.from(opened.data).toString()) : null
    expect(isPlain(value), JSON.stringify(value)).toBe(true)
  }
})

test('a replay notices code that does something else', async () => {
  const history = recorded(
    readFileSync(join(directory, 'lease-revocation.json'), 'utf8').replaceAll('"leaseRevocation"', '"scheduled"'),
  )
  await expect(
    Worker.runReplayHistory({ workflowBundle, dataConverter, replayName: 'other' }, history, 'other'),
  ).rejects.toThrow(/nondeterminism|determinism/i)
})
