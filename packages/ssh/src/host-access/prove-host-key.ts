import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { HostAccessError, HostTarget } from './host-access.ts'
import { BARE_ENVIRONMENT, handshakeArguments, knownHostsText } from './ssh-command.ts'
import { failureFromSsh } from './ssh-failure.ts'

/** ssh says little before it is refused. */
const OUTPUT_BYTES_MAX = 64 * 1024

/**
 * Resolves once the host has proved, by a signature over this very handshake, that it holds the pinned key. What
 * `ssh-keyscan` shows proves nothing: anybody can show somebody else's public key. Nobody is logged in. Throws
 * `HostAccessError`.
 */
export const proveHostKey = async (host: HostTarget, seconds: number): Promise<void> => {
  const knownHosts = knownHostsText(host)
  const directory = await mkdtemp(join(tmpdir(), 'gh-'))
  try {
    const knownHostsPath = join(directory, 'known_hosts')
    await writeFile(knownHostsPath, knownHosts, { mode: 0o600 })
    const failure = await shakeHands(handshakeArguments(host, { knownHostsPath, seconds }), seconds)
    // whoever refuses our log-in has proved its key before
    if (failure !== null && failure.problem !== 'permission-denied') throw failure
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

const shakeHands = (childArguments: readonly string[], seconds: number): Promise<HostAccessError | null> =>
  new Promise((resolve) => {
    execFile(
      'ssh',
      childArguments,
      { env: BARE_ENVIRONMENT, timeout: Math.ceil(seconds * 1000), maxBuffer: OUTPUT_BYTES_MAX, encoding: 'utf8' },
      (cause, _, stderr) => resolve(cause === null ? null : failureFromSsh(stderr)),
    ).stdin?.end()
  })
