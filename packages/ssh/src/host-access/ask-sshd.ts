import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { openAgentOf } from '../agent/ssh-agent.ts'
import type { HostAccessError, HostTarget } from './host-access.ts'
import { BARE_ENVIRONMENT, knownHostsText, queryArguments } from './ssh-command.ts'
import { failureFromSsh } from './ssh-failure.ts'

/** ssh says little before it is refused. */
const OUTPUT_BYTES_MAX = 64 * 1024

/**
 * Asks sshd of each of some keys or certificates whether it would let the account in by it, without their private
 * halves: the query of RFC 4252 section 7, which the system's ssh sends for what an agent shows. What sshd would take,
 * it wants signed, and there the agent learns of it; nobody is logged in. Only where a later one is taken is it certain
 * that sshd was asked for those before it: it ends a connection after some refusals. Throws `HostAccessError`.
 */
export const askSshd = async (
  host: HostTarget,
  { blobs, seconds }: { readonly blobs: readonly Uint8Array[]; readonly seconds: number },
): Promise<readonly boolean[]> => {
  const knownHosts = knownHostsText(host)
  const taken = new Set<number>()
  const agent = await openAgentOf(
    blobs.map((blob, index) => ({
      blob,
      comment: 'gatehouse',
      sign: () => {
        taken.add(index)
        return null
      },
    })),
  )
  try {
    const knownHostsPath = join(agent.directory, 'known_hosts')
    await writeFile(knownHostsPath, knownHosts, { mode: 0o600 })
    const files = { socketPath: agent.socketPath, knownHostsPath }
    const failure = await runSsh(queryArguments(host, { ...files, seconds }), seconds)
    if (failure.problem !== 'permission-denied') throw failure
    return blobs.map((_, index) => taken.has(index))
  } finally {
    await agent.close()
  }
}

/** Nothing is ever signed, so ssh always ends by a refusal, or by something else that went wrong. */
const runSsh = (words: readonly string[], seconds: number): Promise<HostAccessError> =>
  new Promise((resolve) => {
    execFile(
      'ssh',
      words,
      { env: BARE_ENVIRONMENT, timeout: Math.ceil(seconds * 1000), maxBuffer: OUTPUT_BYTES_MAX, encoding: 'utf8' },
      (_, __, stderr) => resolve(failureFromSsh(stderr)),
    ).stdin?.end()
  })
