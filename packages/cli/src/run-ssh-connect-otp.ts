import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Wire } from '@gatehouse/contract'
import { exitCodeOf } from './child-program.ts'
import type { Cli } from './cli.ts'
import type { Arguments } from './parse-arguments.ts'
import { revokeAfterUse, type UsedCredential } from './revoke-after-use.ts'
import { connectBy, entryLine, runSsh, type Enter } from './run-ssh-connect.ts'
import { knownHostsOf, sshArguments } from './ssh-arguments.ts'
import { targetOf, type Passage } from './ssh-doors.ts'

/**
 * Connects by a one-time password, to a host that takes those: it is asked for now and typed by us. Hosts on the way
 * are passed as ever. Answers ssh's exit code.
 */
export const runSshConnectOtp = (cli: Cli, args: Arguments): Promise<number> => connectBy(cli, args, enter)

const enter: Enter = async (passage, entry) => {
  const directory = await mkdtemp(join(tmpdir(), 'gh-')) // readable for nobody else
  try {
    return await enterFrom(directory, passage, entry)
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

const enterFrom = async (
  directory: string,
  passage: Passage,
  { host, login, session, stop }: Parameters<Enter>[1],
): Promise<number> => {
  const { cli, client, terms, afterwards } = passage
  const target = await targetOf(passage, { host, login })
  const files = { socketPath: null, knownHostsPath: join(directory, 'known_hosts') }
  await writeFile(files.knownHostsPath, knownHostsOf(target), { mode: 0o600 })
  const askpass = await writeAskpass(directory)
  const issued = await client.call('sshOtp.issue', { ...terms, host: host.name, login: target.login })
  const credential = usedOf(passage, issued)
  try {
    if (stop.caught() !== null) return exitCodeOf(null, stop.caught())
    cli.terminal.talk(`${entryLine({ ...credential, leaseId: issued.leaseId }, cli.now())}\n`)
    const typing = { SSH_ASKPASS: askpass, SSH_ASKPASS_REQUIRE: 'force', GATEHOUSE_TYPED: issued.otp }
    return await runSsh(sshArguments(target, files, session), {
      stop,
      environment: { ...cli.config.environment, ...typing },
    })
  } finally {
    if (afterwards === 'revoke') await revokeAfterUse(cli, credential, 'connection ended')
  }
}

/** What ssh asks for the password; that stands in ssh's environment alone, in no argument and on no disk. */
const writeAskpass = async (directory: string): Promise<string> => {
  const path = join(directory, 'askpass')
  await writeFile(path, '#!/bin/sh\nprintf "%s\\n" "$GATEHOUSE_TYPED"\n', { mode: 0o700 })
  return path
}

/** A password that let us in has ended with that; one that did not is taken away. */
const usedOf = ({ client }: Passage, { leaseId, expiresAt }: Wire<'sshOtp.issue'>): UsedCredential => ({
  kind: 'one-time password',
  endsAt: new Date(expiresAt),
  revoke: (reason) => client.call('lease.revoke', { id: leaseId, reason }),
  revokeCommand: `gatehouse lease revoke ${leaseId} --reason "connection ended"`,
})
