import { randomUUID } from 'node:crypto'
import { rowClockKinds, workflowIds, type RowClockKind } from '@gatehouse/contract/workflows'
import type { RowClock } from '@gatehouse/enforcement'
import { attemptsMax, retryDelaySeconds } from '@gatehouse/secrets/transitions'
import { beginRequest, recordsNothing, withRequest } from '@gatehouse/kit/tracing'
import type { WorkflowHandle } from '@temporalio/client'
import type { TestWorkflowEnvironment } from '@temporalio/testing'
import type { WorkflowBundle } from '@temporalio/worker'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { changed, leaseExpiry, leaseRevocation, rowClock, scheduled, wake } from '../src/workflows/index.ts'
import { incidentRow, keyRow, requestRow, sessionRow, type TestRow } from './rows.ts'
import { bundle, quiet, startEnvironment, withWorker, type Script } from './test-bed.ts'
import { workflowCode } from '../src/workflow-bundle.ts'

const canary = 'canary-web-1.example'

let environment: TestWorkflowEnvironment
let workflowBundle: WorkflowBundle

beforeAll(async () => {
  quiet()
  workflowBundle = await bundle()
})

/**
 * A server of its own for each test: one that was left with a workflow whose worker has gone skips no time, and whoever
 * comes after it waits for ever.
 */
const withServerEach = (): void => {
  beforeEach(async () => {
    environment = await startEnvironment()
  })
  afterEach(async () => environment.teardown())
}

const within = <T>(script: Script, run: (taskQueue: string) => Promise<T>): Promise<T> =>
  withWorker({ environment, workflowBundle, script }, run)

const ended = { ended: 1, failed: [], nextDueInSeconds: null }
const failedFor = (attempts: number) => ({
  ended: 0,
  failed: ['lease-1'],
  nextDueInSeconds: retryDelaySeconds(attempts),
})

describe('the expiry of a backend', () => {
  withServerEach()

  test('asks for nothing while nothing is due, then at the deadline, and looks again when woken', async () => {
    const script: Script = { asked: [], answers: [ended], due: [null, null, 4, -0.1, null] }
    await within(script, async (taskQueue) => {
      const handle = await environment.client.workflow.start(leaseExpiry, {
        taskQueue,
        workflowId: `expiry-${taskQueue}`,
        args: [{ backend: 'ssh-key' }],
      })
      await environment.sleep('25 seconds')
      // what fell due a second ago may still be under way: a busy machine takes longer for it
      await vi.waitFor(() => expect(script.asked).not.toEqual([]), { timeout: 5000 })
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
  withServerEach()

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

describe('a schedule', () => {
  withServerEach()

  test('runs its operation through the enforcer, and one that is not in the table does nothing', async () => {
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
})

describe('the workflow of one row', () => {
  /** The row of the test that runs. */
  let row: TestRow
  let stop: () => void = () => undefined
  let stopped: Promise<void> = Promise.resolve()
  let taskQueue: string

  const clockOf = (kind: RowClockKind): RowClock => ({
    kind,
    livingIds: () => Promise.resolve([]),
    dueInSeconds: (id) => (row.clock.kind === kind ? row.clock.dueInSeconds(id) : Promise.resolve(null)),
    run: (internal, id) => row.clock.run(internal, id),
  })
  const idle: Script = { asked: [], answers: [null], due: [null] }

  beforeAll(async () => {
    environment = await startEnvironment()
    const clocks = rowClockKinds.map(clockOf)
    await new Promise<void>((begun, failed) => {
      stopped = withWorker({ environment, workflowBundle, script: idle, clocks }, (queue) => {
        taskQueue = queue
        begun()
        return new Promise<void>((resolve) => {
          stop = resolve
        })
      })
      stopped.catch(failed)
    })
  })
  afterAll(async () => {
    stop()
    await stopped
    await environment.teardown()
  })

  const now = async (): Promise<Date> => new Date(Number(await environment.currentTimeMs()))

  const begin = (kind: RowClockKind): Promise<WorkflowHandle<typeof rowClock>> => {
    const id = randomUUID()
    return environment.client.workflow.start(rowClock, {
      taskQueue,
      workflowId: workflowIds.rowClock(kind, id),
      args: [{ kind, id }],
    })
  }

  const minutes = (count: number): number => count * 60
  const hours = (count: number): number => count * 3600

  /** What was told, to the second before or after. */
  const expectTold = (expected: readonly (readonly [string, number])[]): void => {
    expect(row.told.map(([what]) => what)).toEqual(expected.map(([what]) => what))
    for (const [index, [, at]] of expected.entries())
      expect(Math.abs((row.told[index]?.[1] ?? 0) - at), `${row.told[index]?.join(' at ')}, not ${at}`).toBeLessThan(6)
  }

  describe('break-glass/<id>', () => {
    test('a request that nobody approves lapses after an hour, and its workflow ends', async () => {
      row = await requestRow(now)
      await (await begin('break-glass')).result()
      expectTold([['lapsed', hours(1)]])
    })

    test('an approved one lapses half an hour after the quorum; the workflow is told of it', async () => {
      const request = await requestRow(now)
      row = request
      const handle = await begin('break-glass')
      await environment.sleep('20 minutes')
      await request.happens({ type: 'counted', met: true, deniedByTeams: false })
      await handle.signal(changed)
      await handle.result()
      expectTold([['lapsed', minutes(50)]])
    })

    test('one whose quorum comes and goes lapses after an hour and a half, and an edit begins it anew', async () => {
      const request = await requestRow(now)
      row = request
      const handle = await begin('break-glass')
      const counted = async (met: boolean): Promise<void> => {
        await environment.sleep('20 minutes')
        await request.happens({ type: 'counted', met, deniedByTeams: false })
        await handle.signal(changed)
      }
      await counted(true)
      await request.happens({ type: 'edited' })
      for (const met of [true, false, true, false]) await counted(met)
      await handle.result()
      expectTold([['lapsed', minutes(20 + 90)]])
    })

    test('an activated one waits for its session, and ends with it', async () => {
      const request = await requestRow(now)
      row = request
      await request.happens({ type: 'counted', met: true, deniedByTeams: false })
      await request.happens({ type: 'activated' })
      const handle = await begin('break-glass')
      await environment.sleep('3 hours')
      expect((await handle.describe()).status.name).toBe('RUNNING')
      await request.happens({ type: 'sessionEnded' })
      await handle.signal(changed)
      await handle.result()
      expectTold([])
    })

    test('D2: a forged signal neither approves nor activates, whatever it carries', async () => {
      const request = await requestRow(now)
      row = request
      const handle = await begin('break-glass')
      const before = request.standing()
      // a signal that is there at the first look is no reason for a second one
      await vi.waitFor(() => expect(row.looks()).toBe(1), { timeout: 10_000 })
      await handle.signal('changed', { approve: true, voter: 'admin', state: 'active' })
      for (const name of ['approve', 'activate', 'deny', 'wake']) await handle.signal(name, { approve: true })
      await vi.waitFor(() => expect(row.looks()).toBeGreaterThan(1), { timeout: 10_000 })
      expect(request.standing()).toEqual(before)
      await handle.result()
      expect(request.standing().state).toBe('lapsed')
      expectTold([['lapsed', hours(1)]])
    })
  })

  describe('emergency-session/<id>', () => {
    test('warns 15 and 5 minutes before the end, ends, and says daily after 48 hours that it waits', async () => {
      const session = await sessionRow(now, hours(1))
      row = session
      const handle = await begin('emergency-session')
      for (const pause of ['20 minutes', '20 minutes'] as const) {
        await environment.sleep(pause)
        await session.happens({ type: 'used' })
      }
      await environment.sleep('98 hours')
      session.review()
      await handle.signal(changed)
      await handle.result()
      const end = hours(1)
      expectTold([
        ['warning 1', minutes(45)],
        ['warning 2', minutes(55)],
        ['expired', end],
        ['overdue', end + hours(48)],
        ['overdue', end + hours(72)],
        ['overdue', end + hours(96)],
      ])
    })

    test('of the longest kind ends after four hours, however often it is used', async () => {
      const session = await sessionRow(now, hours(4))
      row = session
      const handle = await begin('emergency-session')
      // the last use is before the end, not at it: which of the two came first there would be chance
      for (let used = 0; used < 12; used += 1) {
        await environment.sleep('19 minutes')
        await session.happens({ type: 'used' })
      }
      await environment.sleep('1 hour')
      session.review()
      await handle.signal(changed)
      await handle.result()
      expectTold([
        ['warning 1', hours(4) - minutes(15)],
        ['warning 2', hours(4) - minutes(5)],
        ['expired', hours(4)],
      ])
    })

    test('ends after half an hour without a call', async () => {
      const session = await sessionRow(now, hours(4))
      row = session
      const handle = await begin('emergency-session')
      await environment.sleep('10 minutes')
      await session.happens({ type: 'used' })
      await environment.sleep('2 hours')
      session.review()
      await handle.signal(changed)
      await handle.result()
      expectTold([['inactive', minutes(40)]])
    })
  })

  describe('incident/<id>', () => {
    test('a breach that nobody looks at: 15 minutes to respond, then 24, 48, 66 and 72 hours', async () => {
      const incident = await incidentRow(now)
      row = incident
      const handle = await begin('incident')
      await environment.sleep('80 hours')
      expect((await handle.describe()).status.name).toBe('RUNNING')
      incident.close()
      await handle.signal(changed)
      await handle.result()
      expectTold([
        ['respond', minutes(15)],
        ['authority-24h', hours(24)],
        ['authority-48h', hours(48)],
        ['authority-66h', hours(66)],
        ['authority-72h', hours(72)],
      ])
    })

    test.each([
      ['critical', minutes(15)],
      ['high', hours(1)],
      ['medium', hours(8)],
      ['low', hours(72)],
    ] as const)(
      'one that is %s wants somebody to respond in its time, and nothing after that',
      async (severity, at) => {
        const incident = await incidentRow(now, { severity, breach: false })
        row = incident
        const handle = await begin('incident')
        await environment.sleep('73 hours')
        incident.close()
        await handle.signal(changed)
        await handle.result()
        expectTold([['respond', at]])
      },
    )

    test('who responds in time has stopped the first clock', async () => {
      const incident = await incidentRow(now)
      row = incident
      const handle = await begin('incident')
      await environment.sleep('10 minutes')
      incident.respond()
      await handle.signal(changed)
      await environment.sleep('25 hours')
      incident.close()
      await handle.signal(changed)
      await handle.result()
      expectTold([['authority-24h', hours(24)]])
    })
  })

  describe('key-rotation/<key>', () => {
    const days = (count: number): number => count * 86_400
    /** A workflow looks once a day at what nobody tells it of; a period of days is not exact to the second. */
    const expectToldOnDays = (expected: readonly (readonly [string, number])[]): void => {
      expect(row.told.map(([what]) => what)).toEqual(expected.map(([what]) => what))
      for (const [index, [, day]] of expected.entries()) {
        expect(row.told[index]?.[1]).toBeGreaterThanOrEqual(days(day))
        expect(row.told[index]?.[1]).toBeLessThan(days(day + 1) + 60)
      }
    }

    test('rotates by its period, and closes older versions a week after nothing needs them', async () => {
      const key = await keyRow(now, 30)
      row = key
      const handle = await begin('key-rotation')
      await environment.sleep('35 days')
      key.rewrap()
      await environment.sleep('30 days')
      key.disable()
      await handle.signal(changed)
      await handle.result()
      expectToldOnDays([
        ['rotated to 2', 30],
        ['closed before 2', 42],
        ['rotated to 3', 60],
      ])
    })

    test('closes nothing that is needed, however long, and a forged signal neither rotates nor closes', async () => {
      const key = await keyRow(now, 30)
      row = key
      const handle = await begin('key-rotation')
      await environment.sleep('10 days')
      for (const name of ['changed', 'rotate', 'close']) await handle.signal(name, { rotate: true, minimumVersion: 9 })
      await environment.sleep('55 days')
      key.disable()
      await handle.signal(changed)
      await handle.result()
      expectToldOnDays([
        ['rotated to 2', 30],
        ['rotated to 3', 60],
      ])
    })
  })

  test('a workflow of a row that is not there ends at once, and one of rows that nobody keeps fails', async () => {
    row = await requestRow(now)
    await (await begin('incident')).result()
    await expect((await begin('tables' as RowClockKind)).result()).rejects.toThrow()
  })
})

test('the workflow code is made once for one text of its sources, and is the same from where it is kept', async () => {
  const [made, kept] = [await workflowCode(undefined), await workflowCode(undefined)]
  expect(kept).toBe(made)
  expect(made).toContain('leaseExpiry')
})
