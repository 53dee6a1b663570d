import { execFile } from 'node:child_process'
import { parseHostKeyLines } from '../wire/host-key-line.ts'
import type { PublicKey } from '../wire/public-key.ts'
import { HostAccessError, type HostTarget } from './host-access.ts'
import { BARE_ENVIRONMENT, CONNECT_SECONDS_MAX, keyscanArguments } from './ssh-command.ts'

/** One key of each of three types fits many times over. */
const OUTPUT_BYTES_MAX = 64 * 1024

/** Three key types are asked for, one after the other at worst. */
const SCAN_SECONDS_MAX = 3 * CONNECT_SECONDS_MAX

/**
 * The keys that a host offers to a stranger, Ed25519 first. Trust on first use: a person must compare the fingerprint,
 * or give the key.
 */
export const scanHostKeys = async (target: Pick<HostTarget, 'address' | 'port'>): Promise<readonly PublicKey[]> => {
  const keys = parseHostKeyLines(await keyscan(keyscanArguments(target))).map(({ key }) => key)
  if (keys.length === 0)
    throw new HostAccessError('unreachable', 'the host offers no key: it cannot be reached, or is no ssh server')
  return keys.toSorted((left, right) => rank(left) - rank(right))
}

const preference: readonly PublicKey['type'][] = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'ssh-rsa',
]

const rank = ({ type }: PublicKey): number => preference.indexOf(type)

/** ssh-keyscan exits with 1 when any type is not offered, so its output decides. */
const keyscan = (childArguments: readonly string[]): Promise<string> =>
  new Promise((resolve, reject) => {
    execFile(
      'ssh-keyscan',
      childArguments,
      { env: BARE_ENVIRONMENT, timeout: SCAN_SECONDS_MAX * 1000, maxBuffer: OUTPUT_BYTES_MAX, encoding: 'utf8' },
      (cause, stdout) => {
        if (cause !== null && typeof cause.code !== 'number' && cause.killed !== true)
          return reject(
            new HostAccessError(
              'unreachable',
              "the system's ssh-keyscan cannot be started: is openssh-client installed?",
              { cause },
            ),
          )
        resolve(stdout)
      },
    )
  })
