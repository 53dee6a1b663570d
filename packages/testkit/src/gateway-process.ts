import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { nodeFlags } from './node-flags.ts'
import { builtPrograms } from './programs.ts'
import { ServerSetupError } from './server-setup-error.ts'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))

/** Starts the gateway's program and waits until it serves. It ends with this process at the latest. */
export async function startGateway(env: NodeJS.ProcessEnv): Promise<ChildProcess> {
  const gateway = await launch([], { ...env, GATEHOUSE_DEV: '1', GATEHOUSE_SUPERVISED: '1' })
  const complaints = collect(gateway.stderr)
  const ended = once(gateway, 'exit').then(() => false)
  const ready = await Promise.race([once(gateway, 'message').then(() => true), ended])
  if (!ready) throw new ServerSetupError(`the gateway did not become ready:\n${complaints()}`)
  return gateway
}

/** Stops it, as a supervisor does unless it is to be killed, and waits until it has ended. */
export async function stopGateway(gateway: ChildProcess, signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
  if (gateway.exitCode !== null || gateway.signalCode !== null) return
  const ended = once(gateway, 'exit')
  gateway.kill(signal)
  await ended
}

/** Runs one of its commands that end by themselves, and answers what that printed. */
export async function runGatewayCommand(args: readonly string[], env: NodeJS.ProcessEnv): Promise<string> {
  const command = await startGatewayCommand(args, env)
  const [printed, complaints] = [collect(command.stdout), collect(command.stderr)]
  const [code] = (await once(command, 'close')) as [number | null] // as Node documents the event
  if (code !== 0) throw new ServerSetupError(`\`${args.join(' ')}\` failed:\n${complaints()}`)
  return printed()
}

/** Starts one of them, for who means to kill it. */
export const startGatewayCommand = (args: readonly string[], env: NodeJS.ProcessEnv): Promise<ChildProcess> =>
  launch(args, { ...env, GATEHOUSE_DEV: '1' })

/**
 * Beside a test that measures nothing, and therefore runs without the best compiler, a gateway lives for a few thousand
 * calls: compiling its code well took a seventh of its processor time.
 */
const asTheTest = (): readonly string[] =>
  process.execArgv.includes('--no-turbofan') ? ['--no-turbofan', '--no-maglev'] : []

const launch = async (args: readonly string[], env: NodeJS.ProcessEnv): Promise<ChildProcess> =>
  spawn(process.execPath, [...nodeFlags, ...asTheTest(), (await builtPrograms()).gateway, ...args], {
    cwd: ROOT,
    env,
    stdio: ['pipe', 'pipe', 'pipe', 'ipc'],
  })

const collect = (stream: NodeJS.ReadableStream | null): (() => string) => {
  let text = ''
  stream?.on('data', (chunk: Buffer) => (text += chunk.toString()))
  return () => text
}
