import { ServerSetupError } from '@gatehouse/testkit/servers'
import { lockHome } from './home-lock.ts'
import { openHome } from './home.ts'
import { endLeftovers } from './leftovers.ts'
import { checkPorts } from './ports.ts'
import { StartError, readSettings } from './settings.ts'
import type { Settings } from './settings.ts'
import { runSystem } from './system.ts'
import type { Programs } from './system.ts'

/** Brings a system up, stays in the foreground until it is told to stop, and sets the exit code. */
export const start = async (programsOf: (settings: Settings) => Programs): Promise<void> => {
  try {
    await run(programsOf)
  } catch (error) {
    console.error(`gatehouse: ${explain(error)}`)
    process.exitCode = 1
  }
  // The channel to the bootstrap would keep us alive.
  if (process.connected) process.disconnect()
}

const run = async (programsOf: (settings: Settings) => Programs): Promise<void> => {
  const say = (line: string): void => console.log(`gatehouse: ${line}`)
  const signal = stopSignal()
  const settings = await readSettings(process.argv.slice(2), process.env)
  const home = openHome(settings.home)
  const lock = lockHome(home)
  try {
    await endLeftovers(home, say)
    await checkPorts(settings)
    await runSystem({ settings, home, programs: programsOf(settings), signal, say })
  } finally {
    lock.release()
  }
}

// A second Ctrl-C changes nothing: stopping has its own time limits, and servers that are cut off have to mend
// themselves at the next start.
const stopSignal = (): AbortSignal => {
  const controller = new AbortController()
  const stop = () => controller.abort()
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop)
  process.once('disconnect', stop) // the bootstrap that runs us was killed
  return controller.signal
}

const explain = (error: unknown): string => {
  if (error instanceof StartError || error instanceof ServerSetupError) return error.message
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
