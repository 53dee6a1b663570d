import { randomBytes } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import type { OperationName } from '@gatehouse/contract'
import type { Enforcer } from '@gatehouse/enforcement'
import { sealerUnder } from '@gatehouse/keys'
import { attemptsMax, retryDelaySeconds } from '@gatehouse/secrets/transitions'
import { timeSkippingTemporalPath } from '@gatehouse/testkit'
import { TestWorkflowEnvironment } from '@temporalio/testing'
import { bundleWorkflowCode, DefaultLogger, Runtime, Worker, type WorkflowBundleWithSourceMap } from '@temporalio/worker'
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { dataConverterFor } from '../src/data-converter.ts'
import { createActivities } from '../src/index.ts'
import { leaseExpiry, leaseRevocation, scheduled, wake } from '../src/workflows/index.ts'

const canary = 'canary-web-1.example'
const dataConverter = dataConverterFor(sealerUnder(randomBytes(32)))

let environment: TestWorkflowEnvironment
let workflowBundle: WorkflowBundleWithSourceMap

// one each: what a test leaves running would hold the next one's time
beforeEach(async () => {
  environment = await TestWorkflowEnvironment.createTimeSkipping({ server: { executable: { type: 'existing-path', path: await timeSkippingTemporalPath() } }, client: { dataConverter } })
})
afterEach(async () => environment.teardown())

beforeAll(async () => {
  Runtime.install({ logger: new DefaultLogger('ERROR'), telemetryOptions: { logging: { forward: {}, filter: { core: 'ERROR', other: 'ERROR' } } } })
  workflowBundle = await bundleWorkflowCode({ workflowsPath: fileURLToPath(new URL('../src/workflows/index.ts', import.meta.url)), failureConverterPath: dataConverter.failureConverterPath, logger: new DefaultLogger('ERROR') })
})

/** What the enforcer is asked, and what it answers, in order; the last answer stays. */
interface Script {
  readonly asked: { readonly name: OperationName; readonly raw: unknown; readonly at: number }[]
  readonly answers: unknown[]
}

const within = async <T>(script: Script, due: (number | null)[], run: (taskQueue: string) => Promise<T>): Promise<T> => {
  const next = <V>(list: V[]): V => (list.length > 1 ? list.shift() : list[0]) as V // scripts are never empty
  const internal = async (name: OperationName, raw: unknown): Promise<unknown> => {
    script.asked.push({ name, raw, at: Number(await environment.currentTimeMs()) })
    const answer = next(script.answers)
    if (answer instanceof Error) throw answer
    return answer
  }
  const activities = createActivities({
    enforcer: { internal: internal as Enforcer['internal'] }, // the script answers what each operation would
    nextDueInSeconds: () => Promise.resolve(next(due)), backends: ['ssh-key', 'ssh-certificate'], newRequestId: () => 'request', onError: () => undefined,
  })
  const taskQueue = `test-${Math.random().toString(36).slice(2)}`
  const worker = await Worker.create({ connection: environment.nativeConnection, taskQueue, workflowBundle, activities: { ...activities }, dataConverter })
  return worker.runUntil(run(taskQueue))
}

const ended = { ended: 1, failed: [], nextDueInSeconds: null }
const failedFor = (attempts: number) => ({ ended: 0, failed: ['lease-1'], nextDueInSeconds: retryDelaySeconds(attempts) })

describe('the expiry of a backend', () => {
  test('asks for nothing while nothing is due, then at the deadline, and looks again when woken', async () => {
    const script: Script = { asked: [], answers: [ended] }
    await within(script, [null, null, 4, -0.1, null], async (taskQueue) => {
      const handle = await environment.client.workflow.start(leaseExpiry, { taskQueue, workflowId: `expiry-${taskQueue}`, args: [{ backend: 'ssh-key' }] })
      await environment.sleep('25 seconds')
      expect(script.asked.map(({ name, raw }) => [name, raw])).toEqual([['lease.expire', { backend: 'ssh-key' }]])
      await handle.signal(wake)
      await handle.terminate('the test is over')
    })
  })

  test('goes on after an operation that failed', async () => {
    const script: Script = { asked: [], answers: [new Error(canary), new Error(canary), ended] }
    await within(script, [-1, -1, -1, null], async (taskQueue) => {
      const handle = await environment.client.workflow.start(leaseExpiry, { taskQueue, workflowId: `expiry-${taskQueue}`, args: [{ backend: 'ssh-certificate' }] })
      // the test server does not skip the pauses between tries of an activity
      await vi.waitFor(() => expect(script.asked).toHaveLength(3), { timeout: 20_000 })
      await handle.terminate('the test is over')
    })
  })
})

describe('the revocation of one lease', () => {
  test('tries with the row\'s pauses until the credential is gone, also after it was given up on', async () => {
    const failures = Array.from({ length: attemptsMax - 2 }, (_, index) => failedFor(index + 2))
    const script: Script = { asked: [], answers: [...failures, { ...failedFor(1), nextDueInSeconds: 86_400 }, ended] }
    await within(script, [null], async (taskQueue) => {
      const handle = await environment.client.workflow.start(leaseRevocation, { taskQueue, workflowId: `revocation-${taskQueue}`, args: [{ backend: 'ssh-key', leaseId: 'lease-1' }] })
      await handle.result()
    })
    expect(script.asked).toHaveLength(failures.length + 2)
    const pauses = script.asked.slice(1).map(({ at }, index) => Math.round((at - (script.asked[index]?.at ?? 0)) / 1000))
    expect(pauses.at(-1)).toBeGreaterThanOrEqual(86_399)
    expect(pauses.slice(0, 4)).toEqual([10, 20, 40, 80])
  }, 60_000)

  test('shows nothing in its history: no argument, no result, no failure in clear', async () => {
    const script: Script = { asked: [], answers: [new Error(canary), ended] }
    const history = await within(script, [null], async (taskQueue) => {
      const handle = await environment.client.workflow.start(leaseRevocation, { taskQueue, workflowId: `revocation-${taskQueue}`, args: [{ backend: 'ssh-key', leaseId: canary }] })
      await handle.result()
      return handle.fetchHistory()
    })
    const text = JSON.stringify(history)
    const inAnyForm = (word: string) => [word, ...[0, 1, 2].map((shift) => Buffer.from(`${' '.repeat(shift)}${word}`).toString('base64').slice(shift === 0 ? 0 : 4, -4))]
    expect(text).toContain(Buffer.from('binary/encrypted').toString('base64'))
    for (const form of [...inAnyForm(canary), ...inAnyForm('the operation failed')]) expect(text).not.toContain(form)
  })
})

test('a schedule runs its operation through the enforcer, and one that is not in the table does nothing', async () => {
  const script: Script = { asked: [], answers: [{ hosts: 0, removed: 0, restored: 0, failed: [] }] }
  await within(script, [null], async (taskQueue) => {
    await environment.client.workflow.execute(scheduled, { taskQueue, workflowId: `scheduled-${taskQueue}`, args: [{ id: 'ssh-reconcile' }] })
    await expect(environment.client.workflow.execute(scheduled, { taskQueue, workflowId: `unknown-${taskQueue}`, args: [{ id: 'drop-tables' }] })).rejects.toThrow()
  })
  expect(script.asked.map(({ name }) => name)).toEqual(['sshHost.reconcile'])
})
