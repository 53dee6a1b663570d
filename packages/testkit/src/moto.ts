import { execFile } from 'node:child_process'
import { mkdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { freePort } from './free-port.ts'
import { startGuarded } from './guarded-process.ts'
import { cacheDirectories } from './pinned-tool.ts'
import type { Say } from './pinned-tool.ts'
import { ServerSetupError } from './server-setup-error.ts'
import { untilAnswers } from './until-answers.ts'

const run = promisify(execFile)

const VERSION = '5.2.5'
const REQUIREMENTS = fileURLToPath(new URL('../moto-requirements.txt', import.meta.url))
const PIP_TIMEOUT_MS = 600_000

/** How a test reaches it. */
export interface MotoFacts {
  readonly endpoint: string
}

/** A server that speaks AWS's protocols, KMS and STS among them, and keeps what it is told in memory. */
export interface TestMoto {
  readonly facts: MotoFacts
  stop(): Promise<void>
}

/** Starts a moto of a test run. It ends with this process at the latest. */
export const startMoto = async (): Promise<TestMoto> => {
  const [directory, port] = await Promise.all([motoDirectory((line) => console.error(line)), freePort()])
  const endpoint = `http://127.0.0.1:${port}`
  const server = startGuarded({
    command: 'python3',
    args: ['-m', 'moto.server', '-H', '127.0.0.1', '-p', String(port)],
    env: { ...process.env, PYTHONPATH: directory },
    log: 'ignore',
    stopSignal: 'TERM',
  })
  try {
    await untilAnswers(`${endpoint}/moto-api/data.json`, server)
  } catch (error) {
    await server.stop()
    throw error
  }
  return { facts: { endpoint }, stop: () => server.stop() }
}

/** Finds moto in the cache, or installs it there once. Parts of it are built for one Python. */
export const motoDirectory = async (say: Say): Promise<string> => {
  const { stdout } = await run('python3', ['-c', 'import sys; print("%d.%d" % sys.version_info[:2])'])
  const name = `moto-${VERSION}-python-${stdout.trim()}`
  const places = cacheDirectories().map((directory) => join(directory, name))
  for (const place of places) if (await exists(place)) return place
  say(`installing moto ${VERSION} …`)
  return install(places)
}

const install = async (places: readonly string[]): Promise<string> => {
  let cause: unknown
  for (const place of places) {
    const unfinished = `${place}.${process.pid}`
    try {
      await mkdir(unfinished, { recursive: true })
      await pipInstall(unfinished)
      await rename(unfinished, place) // whole or not at all, also when two runs install at once
      return place
    } catch (error) {
      await rm(unfinished, { recursive: true, force: true })
      if (await exists(place)) return place // another run was faster
      cause = error
    }
  }
  throw new ServerSetupError('moto could not be installed: the tests of keys in AWS KMS need it', { cause })
}

const pipInstall = (directory: string): Promise<unknown> => {
  const how = ['--quiet', '--no-input', '--disable-pip-version-check', '--no-deps', '--only-binary=:all:']
  const args = ['-m', 'pip', 'install', ...how, '--target', directory, '-r', REQUIREMENTS]
  return run('python3', args, { timeout: PIP_TIMEOUT_MS })
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  )
