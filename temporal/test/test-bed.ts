import type { OperationName } from '@gatehouse/contract'
import type { Enforcer, RowClock } from '@gatehouse/enforcement'
import { sealerUnder } from '@gatehouse/keys'
import { recordsNothing, runningRequest } from '@gatehouse/kit/tracing'
import { leaseSweeps, type BackendName, type RevocableBackend } from '@gatehouse/secrets'
import { timeSkippingTemporalPath } from '@gatehouse/testkit'
import { TestWorkflowEnvironment } from '@temporalio/testing'
import { DefaultLogger, Runtime, Worker, type WorkflowBundle } from '@temporalio/worker'
import { dataConverterFor } from '../src/data-converter.ts'
import { createActivities } from '../src/index.ts'
import { receivesRequest, sendsRequest } from '../src/request-interceptors.ts'
import { saysItLives } from '../src/says-it-lives.ts'
import { workflowCode } from '../src/workflow-bundle.ts'

/** The tests' sealing key. Recorded histories are sealed under it, so it stays the same; it seals nothing else. */
const sealer = sealerUnder({ id: '01980000-0000-7000-8000-000000000007', key: new Uint8Array(32).fill(7) })
export const dataConverter = dataConverterFor(sealer)

/** Says nothing that is not an error: workers start and stop in every test. */
export const quiet = (): void => {
  Runtime.install({
    logger: new DefaultLogger('ERROR'),
    telemetryOptions: { logging: { forward: {}, filter: { core: 'ERROR', other: 'ERROR' } } },
  })
}

/** A server that skips time, talking sealed. */
export const startEnvironment = async (): Promise<TestWorkflowEnvironment> =>
  TestWorkflowEnvironment.createTimeSkipping({
    server: { executable: { type: 'existing-path', path: await timeSkippingTemporalPath() } },
    client: { dataConverter, interceptors: { workflow: [sendsRequest(sealer)] } },
  })

/** Today's workflow code, as the worker has it. */
export const bundle = async (): Promise<WorkflowBundle> => ({
  code: await workflowCode(dataConverter.failureConverterPath),
})

/** What the enforcer was asked, and what it answers, in order; the last answer stays. */
export interface Script {
  readonly asked: {
    readonly name: OperationName
    readonly raw: unknown
    readonly requestId: string
    readonly traceId: string | undefined
    readonly at: number
  }[]
  readonly answers: unknown[]
  /** What a look at the rows shows, in order; the last one stays. */
  readonly due: (number | null)[]
}

/** The enforcer's script answers for what a backend would do. */
const untouched = (name: BackendName): RevocableBackend => ({
  name,
  limits: { ttlSecondsMin: 1, ttlSecondsMax: 1, renewable: false, revocation: 'deletes' },
  revoke: () => Promise.reject(new Error('nobody asks a backend here')),
  mark: () => Promise.reject(new Error('nobody asks a backend here')),
})

/** Runs a worker whose enforcer follows the script, while `run` runs. */
export async function withWorker<T>(
  {
    environment,
    workflowBundle,
    script,
    clocks = [],
  }: {
    readonly environment: TestWorkflowEnvironment
    readonly workflowBundle: WorkflowBundle
    readonly script: Script
    readonly clocks?: readonly RowClock[]
  },
  run: (taskQueue: string) => Promise<T>,
): Promise<T> {
  const next = <V>(list: V[]): V => (list.length > 1 ? list.shift() : list[0]) as V // scripts are never empty
  const internal = async (name: OperationName, raw: unknown, requestId: string): Promise<unknown> => {
    script.asked.push({
      name,
      raw,
      requestId,
      traceId: runningRequest()?.trace.traceId,
      at: Number(await environment.currentTimeMs()),
    })
    const answer = next(script.answers)
    if (answer instanceof Error) throw answer
    return answer
  }
  const activities = createActivities({
    enforcer: { internal: internal as Enforcer['internal'] }, // the script answers what each operation would
    sweeps: leaseSweeps(
      { nextDueInSeconds: () => Promise.resolve(next(script.due)) },
      {
        'ssh-key': untouched('ssh-key'),
        'ssh-certificate': untouched('ssh-certificate'),
        'ssh-otp': untouched('ssh-otp'),
        postgres: untouched('postgres'),
        vault: untouched('vault'),
        aws: untouched('aws'),
        upcloud: untouched('upcloud'),
      },
    ),
    clocks,
    schedules: [
      { id: 'ssh-reconcile', cron: '*/5 * * * *', everySeconds: 300, operation: 'sshHost.reconcile', input: {} },
    ],
    newRequestId: () => runningRequest()?.requestId ?? 'none',
    onError: () => undefined,
  })
  const taskQueue = `test-${Math.random().toString(36).slice(2)}`
  const worker = await Worker.create({
    connection: environment.nativeConnection,
    taskQueue,
    workflowBundle,
    activities: { ...activities },
    dataConverter,
    interceptors: {
      activity: [
        saysItLives,
        receivesRequest({ sealer, sampler: recordsNothing, newRequestId: () => 'the-activity’s-own' }),
      ],
    },
  })
  return worker.runUntil(run(taskQueue))
}
