import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { TestSshd } from '@gatehouse/testkit'

const run = promisify(execFile)

/** What a person has in hand: a private key, and a certificate where there is one. */
export interface Credential {
  readonly privateKey: string
  readonly certificate?: string
}

/** Tries to log in with the system's ssh. Anything but in, refused, or a host that is not known fails the test. */
export async function logIn(
  sshd: TestSshd,
  credential: Credential,
  {
    bind = '127.0.0.1',
    user = sshd.user,
    knownHosts = `[127.0.0.1]:${sshd.port} ${sshd.hostPublicKeyLine}`,
  }: { readonly bind?: string; readonly user?: string; readonly knownHosts?: string } = {},
): Promise<'in' | 'refused' | 'unknown host'> {
  const directory = await mkdtemp(join(tmpdir(), 'gh-log-in-'))
  try {
    await writeFile(join(directory, 'key'), credential.privateKey, { mode: 0o600 })
    if (credential.certificate !== undefined)
      await writeFile(join(directory, 'key-cert.pub'), `${credential.certificate}\n`)
    await writeFile(join(directory, 'known_hosts'), `${knownHosts}\n`)
    const options = [
      `IdentityFile=${directory}/key`,
      'IdentitiesOnly=yes',
      'IdentityAgent=none',
      `UserKnownHostsFile=${directory}/known_hosts`,
      'GlobalKnownHostsFile=/dev/null',
      'StrictHostKeyChecking=yes',
      'BatchMode=yes',
      `BindAddress=${bind}`,
    ].flatMap((option) => ['-o', option])
    const { stdout } = await run('ssh', [
      '-F',
      'none',
      ...options,
      '-p',
      String(sshd.port),
      '-l',
      user,
      '127.0.0.1',
      'echo in',
    ])
    if (stdout.trim() !== 'in') throw new Error(`unexpected answer: ${stdout}`)
    return 'in'
  } catch (error) {
    if (String(error).includes('Permission denied (publickey)')) return 'refused'
    if (String(error).includes('Host key verification failed')) return 'unknown host'
    throw error
  } finally {
    await rm(directory, { recursive: true })
  }
}
