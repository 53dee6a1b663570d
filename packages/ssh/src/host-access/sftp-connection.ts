import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { openAgent, type AgentCredential, type SshAgent } from '../agent/ssh-agent.ts'
import { HostAccessError, type HostTarget } from './host-access.ts'
import { openSftpSession, type SftpSession } from './sftp-session.ts'
import { BARE_ENVIRONMENT, knownHostsText, sftpSubsystemArguments } from './ssh-command.ts'
import { failureFromSsh } from './ssh-failure.ts'

/** A logged-in connection with its SFTP session. */
export interface SftpConnection {
  readonly sftp: SftpSession
  close(): Promise<void>
}

/** Connecting, key exchange and log-in together. */
const LOGIN_SECONDS_MAX = 20

/** ssh ends at once when its input ends; one that does not is killed. */
const GOODBYE_SECONDS_MAX = 2

/** What we keep of ssh's complaints. */
const STDERR_CHARS_MAX = 16 * 1024

/**
 * Starts the system's ssh with an in-process agent, logs in and opens SFTP. Throws `HostAccessError`, and leaves
 * nothing behind when it does.
 */
export const connectSftp = async ({
  host,
  credential,
}: {
  readonly host: HostTarget
  readonly credential: AgentCredential
}): Promise<SftpConnection> => {
  const knownHosts = knownHostsText(host)
  const agent = await openAgent(credential)
  try {
    const knownHostsPath = join(agent.directory, 'known_hosts')
    const childArguments = sftpSubsystemArguments(host, { socketPath: agent.socketPath, knownHostsPath })
    await writeFile(knownHostsPath, knownHosts, { mode: 0o600 })
    return await logIn(spawn('ssh', childArguments, { env: BARE_ENVIRONMENT, stdio: 'pipe' }), agent)
  } catch (cause) {
    await agent.close()
    throw cause
  }
}

const logIn = async (child: ChildProcessWithoutNullStreams, agent: SshAgent): Promise<SftpConnection> => {
  const end = watchEnd(child)
  const timer = setTimeout(() => child.kill('SIGKILL'), LOGIN_SECONDS_MAX * 1000)
  try {
    const sftp = await openSftpSession({ input: child.stdin, output: child.stdout, gone: end.gone })
    return {
      sftp,
      close: async () => {
        await endChild(child, end.ended)
        await agent.close()
      },
    }
  } catch (cause) {
    await endChild(child, end.ended)
    throw cause
  } finally {
    clearTimeout(timer)
  }
}

/** `gone` rejects with the reason once ssh has ended; `ended` just resolves. */
const watchEnd = (
  child: ChildProcessWithoutNullStreams,
): { readonly gone: Promise<never>; readonly ended: Promise<void> } => {
  const gone = Promise.withResolvers<never>()
  const ended = Promise.withResolvers<void>()
  let complaints = ''
  gone.promise.catch(() => {}) // a connection that ends while nobody asks anything is no unhandled rejection
  child.stdin.on('error', () => {}) // writing to an ssh that has ended: `gone` says why, once its words are read
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaints = (complaints + text).slice(0, STDERR_CHARS_MAX)
  })
  child.on('error', (cause) => {
    gone.reject(
      new HostAccessError('unreachable', "the system's ssh cannot be started: is openssh-client installed?", { cause }),
    )
    ended.resolve()
  })
  child.on('close', () => {
    gone.reject(failureFromSsh(complaints))
    ended.resolve()
  })
  return { gone: gone.promise, ended: ended.promise }
}

const endChild = async (child: ChildProcessWithoutNullStreams, ended: Promise<void>): Promise<void> => {
  const timer = setTimeout(() => child.kill('SIGKILL'), GOODBYE_SECONDS_MAX * 1000)
  child.stdin.end()
  child.kill('SIGTERM')
  await ended
  clearTimeout(timer)
}
