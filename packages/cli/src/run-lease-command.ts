import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Wire } from '@gatehouse/contract'
import { durationText, leaseVariables } from '@gatehouse/kit'
import { catchSignals, exitCodeOf, type StopSignals } from './child-program.ts'
import type { Cli } from './cli.ts'
import { localError, usageError } from './cli-error.ts'
import type { Client } from './client.ts'
import type { Arguments } from './parse-arguments.ts'
import { printable } from './printable.ts'
import { revokeAfterUse, type UsedCredential } from './revoke-after-use.ts'
import { renewWhile } from './renew-while.ts'
import { leaseInput } from './run-secrets.ts'
import { shortIds } from './short-id.ts'

type Issued = Wire<'lease.issue'>

/** Runs a command with a credential that is made now and revoked at its end; exits as the command does. */
export const runLeaseCommand = async (cli: Cli, { values, rest }: Arguments): Promise<number> => {
  if (rest.length === 0) throw usageError('which command? write it behind --')
  const input = leaseInput(values, 'lease run')
  const client = await cli.client()
  const stop = catchSignals()
  try {
    const issued = await client.call('lease.issue', input)
    try {
      return await runWith(cli, { client, ttlSeconds: input.ttlSeconds, issued, words: rest, stop })
    } finally {
      await revokeAfterUse(cli, credentialOf(client, issued), 'the command ended')
    }
  } finally {
    stop.release()
  }
}

const credentialOf = (client: Client, { lease }: Issued): UsedCredential => ({
  kind: 'credential',
  endsAt: new Date(lease.expiresAt),
  revoke: (reason) => client.call('lease.revoke', { id: lease.id, reason }),
  revokeCommand: `gatehouse lease revoke ${lease.id} --reason "the command ended"`,
})

interface Run {
  readonly client: Client
  /** What was asked for: as much is asked for again. */
  readonly ttlSeconds: number | undefined
  readonly issued: Issued
  readonly words: readonly string[]
  readonly stop: StopSignals
}

/** The certificate of an authority is no secret, and libpq takes it from a file alone. */
async function runWith(cli: Cli, { client, ttlSeconds, issued, words, stop }: Run): Promise<number> {
  const { lease, material } = issued
  const directory = await mkdtemp(join(tmpdir(), 'gatehouse-lease-'))
  try {
    const authority = material.authority === null ? null : join(directory, 'authority.pem')
    if (authority !== null) await writeFile(authority, material.authority ?? '', { mode: 0o600 })
    if (stop.caught() !== null) return exitCodeOf(null, stop.caught())
    const seconds = (new Date(lease.expiresAt).getTime() - cli.now().getTime()) / 1000
    const id = shortIds([printable(lease.id)]).join('')
    cli.terminal.talk(`${printable(lease.role)} for ${durationText(seconds)} · lease ${id} · audited\n`)
    const ended = new AbortController()
    void renewWhile(cli, { client, lease, ttlSeconds, ended: ended.signal })
    return await runCommand(words, { ...cli.config.environment, ...leaseVariables(material, authority) }, stop).finally(
      () => ended.abort(),
    )
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

async function runCommand(
  [program = '', ...words]: readonly string[],
  env: NodeJS.ProcessEnv,
  stop: StopSignals,
): Promise<number> {
  const child = spawn(program, words, { stdio: 'inherit', env })
  stop.passTo(child)
  try {
    // what Node documents for this event
    const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null]
    return exitCodeOf(code, signal)
  } catch (cause) {
    throw localError(`cannot start ${printable(program)}`, { hint: 'is it installed, and in PATH?', cause })
  }
}
