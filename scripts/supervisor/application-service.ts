import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { nodeFlags } from '@gatehouse/testkit/servers'
import type { Service } from './child.ts'
import { spawnChild } from './child.ts'
import { openLog } from './home.ts'
import type { Home } from './home.ts'
import { untilSilent } from './pulse.ts'
import { endSignal } from './temporal-service.ts'
import { waitForHttp } from './wait-for-http.ts'

/** One of our own two processes. */
export interface Application {
  readonly name: 'gateway' | 'worker'
  readonly needs: Service['needs']
  readonly root: string
  readonly entry: string
  readonly env: NodeJS.ProcessEnv
  /** Answers 200 once it serves; null: its word is enough. */
  readonly readyUrl: string | null
  /** Answers while the process lives; null: it is not asked. */
  readonly healthUrl: string | null
  readonly onMessage: (type: string) => void
}

const READY_TIMEOUT_MS = 60_000

/** A gateway or worker under our supervision: it says when it is ready, and ends when we do. */
export const applicationService = (home: Home, application: Application): Service => ({
  name: application.name,
  needs: application.needs,
  prepare: () => Promise.resolve(),
  spawn: () => {
    const started = spawnChild({
      name: application.name,
      command: process.execPath,
      args: [...nodeFlags, application.entry],
      cwd: application.root,
      env: { ...application.env, GATEHOUSE_SUPERVISED: '1' },
      log: openLog(home, application.name),
      bond: 'tied',
    })
    started.process.on('message', (message) => application.onMessage(messageType(message)))
    const ended = endSignal(started.ended)
    const { healthUrl } = application
    return {
      ...started,
      ready: becomeReady(started.process, application, ended),
      ...(healthUrl === null ? {} : { silent: () => untilSilent(healthUrl, ended) }),
    }
  },
})

const becomeReady = async (child: ChildProcess, application: Application, ended: AbortSignal): Promise<void> => {
  const deadline = AbortSignal.any([ended, AbortSignal.timeout(READY_TIMEOUT_MS)])
  try {
    for (let type = ''; type !== 'ready';) {
      const [message]: unknown[] = await once(child, 'message', { signal: deadline })
      type = messageType(message)
    }
  } catch (cause) {
    throw new Error(`${application.name} did not say that it was ready within ${READY_TIMEOUT_MS / 1000} s`, { cause })
  }
  if (application.readyUrl !== null)
    await waitForHttp(application.readyUrl, { timeoutMs: READY_TIMEOUT_MS, signal: ended })
}

const messageType = (message: unknown): string =>
  typeof message === 'object' && message !== null && 'type' in message && typeof message.type === 'string'
    ? message.type
    : ''
