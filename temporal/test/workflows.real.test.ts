import { attemptsMax, retryDelaySeconds } from '@gatehouse/secrets/transitions'
import { beginRequest, recordsNothing, withRequest } from '@gatehouse/kit/tracing'
import type { TestWorkflowEnvironment } from '@temporalio/testing'
import type { WorkflowBundle } from '@temporalio/worker'
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { leaseExpiry, leaseRevocation, scheduled, wake } from '../src/workflows/index.ts'
import { bundle, quiet, startEnvironment, withWorker, type Script } from './test-bed.ts'
import { workflowCode } from '../src/workflow-bundle.ts'

const canary = 'canary-web-1.example'

let environment: TestWorkflowEnvironment
let workflowBundle: WorkflowBundle

beforeAll(async () => {
  quiet()
  workflowBundle = await bundle()
})
// one each: what a test leaves running would hold the next one's time
beforeEach(async () => {
  environment = await startEnvironment()
})
afterEach(async () => environment.teardown())

const within = <T>(script: Script, run: (taskQueue: string) => Promise<T>): Promise<T> =>
  withWorker({ environment, workflowBundle, script }, run)

const ended = { ended: 1, failed: [], nextDueInSeconds: null }
const failedFor = (attempts: number) => ({
  ended: 0,
  failed: ['lease-1'],
  nextDueInSeconds: retryDelaySeconds(attempts),
})

describe('the expiry of a backend', () => {
  test('asks for nothing while nothing is due, then at the deadline, and looks again when woken', async () => {
    const script: Script = { asked: [], answers: [ended], due: [null, null, 4, -0.1, null] }
    await within(script, async (taskQueue) => {
      const handle = await environment.client.workflow.start(leaseExpiry, {
        taskQueue,
        workflowId: `expiry-${taskQueue}`,
        args: [{ backend: 'ssh-key' }],
      })
      await environment.sleep('25 seconds')
      expect(script.asked.map(({ name, raw }) => [name, raw])).toEqual([['lease.expire', { backend: 'ssh-key' }]])
      script.due.splice(0, script.due.length, -0.1, null)
      await handle.signal(wake)
      // time stands still now: but for the signal it would wait for ever
      await vi.waitFor(() => expect(script.asked).toHaveLength(2), { timeout: 5000 })
      await handle.terminate('the test is over')
    })
  })

  test('does what it is woken for in the name of the request that woke it, and nothing after that', async () => {
    const script: Script = { asked: [], answers: [ended], due: [null] }
    const request = beginRequest(recordsNothing, { requestId: canary, parent: null, trusted: false })
    const history = await within(script, async (taskQueue) => {
      const handle = await environment.client.workflow.start(leaseExpiry, {
        taskQueue,
        workflowId: `expiry-${taskQueue}`,
        args: [{ backend: 'ssh-key' }],
      })
      script.due.splice(0, script.due.length, -0.1, -0.1, null)
      await withRequest(request, () => handle.signal(wake))
      await environment.sleep('15 seconds')
      await vi.waitFor(() => expect(script.asked).toHaveLength(2), { timeout: 5000 })
      const kept = await handle.fetchHistory()
      await handle.terminate('the test is over')
      return kept
    })
    expect(script.asked.map(({ requestId }) => requestId).toSorted()).toEqual([canary, 'the-activity’s-own'].toSorted())
    expect(script.asked.find(({ requestId }) => requestId === canary)?.traceId).toBe(request.trace.traceId)
    expect(JSON.stringify(history)).not.toContain(canary)
  })

  test('goes on after an operation that failed', async () => {
    const script: Script = {
      asked: [],
      answers: [new Error(canary), new Error(canary), ended],
      due: [-1, -1, -1, null],
    }
    await within(script, async (taskQueue) => {
      const handle = await environment.client.workflow.start(leaseExpiry, {
        taskQueue,
        workflowId: `expiry-${taskQueue}`,
        args: [{ backend: 'ssh-certificate' }],
      })
      // the test server does not skip the pauses between tries of an activity
      await vi.waitFor(() => expect(script.asked).toHaveLength(3), { timeout: 20_000 })
      await handle.terminate('the test is over')
    })
  })
})

describe('the revocation of one lease', () => {
  test("tries with the row's pauses until the credential is gone, also after it was given up on", async () => {
    const failures = Array.from({ length: attemptsMax - 2 }, (_, index) => failedFor(index + 2))
    const script: Script = {
      asked: [],
      answers: [...failures, { ...failedFor(1), nextDueInSeconds: 86_400 }, ended],
      due: [null],
    }
    const request = beginRequest(recordsNothing, { requestId: canary, parent: null, trusted: false })
    await within(script, (taskQueue) =>
      withRequest(request, () =>
        environment.client.workflow.execute(leaseRevocation, {
          taskQueue,
          workflowId: `revocation-${taskQueue}`,
          args: [{ backend: 'ssh-key', leaseId: 'lease-1' }],
        }),
      ),
    )
    expect(script.asked).toHaveLength(failures.length + 2)
    expect(new Set(script.asked.map(({ requestId }) => requestId))).toEqual(new Set([canary]))
    const pauses = script.asked
      .slice(1)
      .map(({ at }, index) => Math.round((at - (script.asked[index]?.at ?? 0)) / 1000))
    expect(pauses.at(-1)).toBeGreaterThanOrEqual(86_399)
    expect(pauses.slice(0, 4)).toEqual([10, 20, 40, 80])
  })

  test('shows nothing in its history: no argument, no result, no failure in clear', async () => {
    const script: Script = { asked: [], answers: [new Error(canary), ended], due: [null] }
    const history = await within(script, async (taskQueue) => {
      const handle = await environment.client.workflow.start(leaseRevocation, {
        taskQueue,
        workflowId: `revocation-${taskQueue}`,
        args: [{ backend: 'ssh-key', leaseId: canary }],
      })
      await handle.result()
      return handle.fetchHistory()
    })
    const text = JSON.stringify(history)
    const inAnyForm = (word: string) => [
      word,
      ...[0, 1, 2].map((shift) =>
        Buffer.from(`${' '.repeat(shift)}${word}`)
          .toString('base64')
          .slice(shift === 0 ? 0 : 4, -4),
      ),
    ]
    expect(text).toContain(Buffer.from('binary/encrypted').toString('base64'))
    for (const form of [...inAnyForm(canary), ...inAnyForm('the operation failed')]) expect(text).not.toContain(form)
  })
})

test('a schedule runs its operation through the enforcer, and one that is not in the table does nothing', async () => {
  const script: Script = {
    asked: [],
    answers: [{ hosts: 0, removed: 0, restored: 0, failed: [], left: 0 }],
    due: [null],
  }
  await within(script, async (taskQueue) => {
    await environment.client.workflow.execute(scheduled, {
      taskQueue,
      workflowId: `scheduled-${taskQueue}`,
      args: [{ id: 'ssh-reconcile' }],
    })
    await expect(
      environment.client.workflow.execute(scheduled, {
        taskQueue,
        workflowId: `unknown-${taskQueue}`,
        args: [{ id: 'drop-tables' }],
      }),
    ).rejects.toThrow()
  })
  expect(script.asked.map(({ name }) => name)).toEqual(['sshHost.reconcile'])
})

test('the workflow code is made once for one text of its sources, and is the same from where it is kept', async () => {
  const [made, kept] = [await workflowCode(undefined), await workflowCode(undefined)]
  expect(kept).toBe(made)
  expect(made).toContain('leaseExpiry')
})
