import { execFile, spawn } from 'node:child_process'
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { userInfo, tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** A real sshd on 127.0.0.1 with a configuration, a host key and a directory of its own. */
export interface TestSshd {
  readonly port: number
  /** Readable for every account, so that keys and lists can be put there. */
  readonly directory: string
  readonly hostKeyLine: string
  log(): string
  stop(): Promise<void>
}

/**
 * The account of the tests themselves, and one without root's rights to log in to; the same when the tests do not run
 * as root.
 */
export const testAccounts = { own: userInfo().username, plain: userInfo().uid === 0 ? 'nobody' : userInfo().username }

const START_TRIES = 100
const START_PAUSE_MS = 50

/** Starts sshd with these extra lines of configuration; `%d` in them is its directory. */
export const startTestSshd = async (config: readonly string[]): Promise<TestSshd> => {
  const directory = await mkdtemp(join(tmpdir(), 'gh-sshd-'))
  await chmod(directory, 0o755)
  if (userInfo().uid === 0) await mkdir('/run/sshd', { recursive: true, mode: 0o755 })
  const port = await freePort()
  await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(directory, 'host')])
  const base = [
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    `HostKey ${directory}/host`,
    'PidFile none',
    'UsePAM no',
    'StrictModes no',
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    'PermitRootLogin prohibit-password',
    'LogLevel VERBOSE',
    'MaxStartups 100',
  ]
  await writeFile(
    join(directory, 'config'),
    [...base, ...config.map((line) => line.replaceAll('%d', directory)), ''].join('\n'),
  )
  const child = spawn('/usr/sbin/sshd', ['-D', '-e', '-f', join(directory, 'config')], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let log = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    log += text
  })
  const ended = new Promise((resolve) => child.once('close', resolve))
  for (let tries = 0; !log.includes('Server listening') && tries < START_TRIES; tries += 1)
    await new Promise((resolve) => setTimeout(resolve, START_PAUSE_MS))
  if (!log.includes('Server listening')) throw new Error(`sshd did not start: ${log}`)
  return {
    port,
    directory,
    log: () => log,
    hostKeyLine: (await readFile(join(directory, 'host.pub'), 'utf8')).trim(),
    stop: async () => {
      child.kill()
      await ended
      await rm(directory, { recursive: true, force: true })
    },
  }
}

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })
