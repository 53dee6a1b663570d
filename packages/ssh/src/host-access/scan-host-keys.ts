import { execFile } from 'node:child_process'
import { parseHostKeyLines } from '../wire/host-key-line.ts'
import type { PublicKey } from '../wire/public-key.ts'
import { HostAccessError, type HostTarget } from './host-access.ts'
import { BARE_ENVIRONMENT, keyscanArguments } from './ssh-command.ts'

/** One key of each of three types fits many times over. */
const OUTPUT_BYTES_MAX = 64 * 1024

/**
 * The keys that a host offers to a stranger within so many seconds, Ed25519 first. It has proved none of them. Trust on
 * first use: a person must compare the fingerprint, or give the key.
 */
export const scanHostKeys = async (
  target: Pick<HostTarget, 'address' | 'port'>,
  seconds: number,
): Promise<readonly PublicKey[]> => {
  const keys = parseHostKeyLines(await keyscan(keyscanArguments(target, seconds), seconds)).map(({ key }) => key)
  if (keys.length === 0) throw new HostAccessError('unreachable', 'the host cannot be reached')
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
const keyscan = (childArguments: readonly string[], seconds: number): Promise<string> =>
  new Promise((resolve, reject) => {
    execFile(
      'ssh-keyscan',
      childArguments,
      { env: BARE_ENVIRONMENT, timeout: Math.ceil(seconds * 1000), maxBuffer: OUTPUT_BYTES_MAX, encoding: 'utf8' },
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
