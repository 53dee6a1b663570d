import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { GatewayHome } from '@gatehouse/testkit'
import { freePort } from '../../../packages/testkit/src/free-port.ts'
import { untilReady } from './outside.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))

/** One more gateway of a running system, which nobody but the test starts again. */
export interface KillableGateway {
  readonly base: string
  /** Kills it with -9 and waits until another one serves at the same place. */
  readonly killGateway: () => Promise<void>
  readonly stop: () => Promise<void>
}

/** Starts it. The supervisor would give up a gateway that dies five times in a minute, rightly: this one is not its. */
export async function startKillableGateway(home: GatewayHome): Promise<KillableGateway> {
  const port = await freePort()
  const base = `http://localhost:${port}`
  let running = await serve(home, port)
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    const ended = once(running, 'exit')
    running.kill(signal)
    await ended
  }
  return {
    base,
    killGateway: async () => {
      await end('SIGKILL')
      running = await serve(home, port)
    },
    stop: () => end('SIGTERM'),
  }
}

async function serve(home: GatewayHome, port: number): Promise<ChildProcess> {
  const { database, temporal } = home.dev()
  const gateway = spawn(process.execPath, ['apps/gateway/src/main.ts'], {
    cwd: root,
    env: {
      ...home.env,
      DATABASE_URL: database.url,
      TEMPORAL_ADDRESS: temporal.address,
      TEMPORAL_NAMESPACE: temporal.namespace,
      GATEHOUSE_PORT: String(port),
      GATEHOUSE_DEV: '1',
      GATEHOUSE_SUPERVISED: '1', // it ends with us
    },
    stdio: ['pipe', 'ignore', 'ignore', 'ipc'],
  })
  await untilReady(`http://localhost:${port}`)
  return gateway
}
