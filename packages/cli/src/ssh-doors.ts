import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Wire } from '@gatehouse/contract'
import { withAgent } from '@gatehouse/ssh/wire'
import type { Cli } from './cli.ts'
import type { Client } from './client.ts'
import { flagError } from './cli-error.ts'
import { revokeAfterUse } from './revoke-after-use.ts'
import { knownHostsOf, leadingOn, type SshFiles, type SshTarget } from './ssh-arguments.ts'
import { issueSshCredential, type SshCredential, type SshWish } from './ssh-credential.ts'
import { voucherOf } from './ssh-voucher.ts'

type Host = Wire<'sshHost.get'>

/** A host, and how it is entered. */
export interface Door {
  readonly target: SshTarget
  readonly files: SshFiles
  readonly credential: SshCredential
}

/** What opens doors, and whether they stay open. */
export interface Passage {
  readonly cli: Cli
  readonly client: Client
  /** What all credentials on the way are asked for with. */
  readonly terms: Omit<SshWish, 'host' | 'login'>
  readonly afterwards: 'revoke' | 'keep'
}

/** A host that was named, and the account on it; null: the host's own. */
export interface NamedHost {
  readonly host: string
  readonly login: string | null
}

/** More hosts in a row than anybody puts between themselves and a machine. */
const JUMPS_MAX = 4

/** `user@host`, as ssh takes it; the host has no `@`, and neither has an account. */
export const namedHost = (text: string): NamedHost => {
  const at = text.lastIndexOf('@')
  return at === -1 ? { host: text, login: null } : { host: text.slice(at + 1), login: text.slice(0, at) }
}

/** The hosts of `--jump`, in the order in which they are passed. */
export const jumpsOf = (value: unknown): readonly NamedHost[] => {
  const jumps = Array.isArray(value) ? value.map((text) => namedHost(String(text))) : []
  if (jumps.length > JUMPS_MAX) throw flagError('jump', `names more than ${JUMPS_MAX} hosts`)
  return jumps
}

/** Where the account of this name on a host is, and by what the host is known. */
export const targetOf = async (
  { cli, client }: Pick<Passage, 'cli' | 'client'>,
  { host, login }: { readonly host: Host; readonly login: string | null },
): Promise<SshTarget> => ({
  address: host.address,
  port: host.port,
  login: login ?? host.user,
  hostKey: host.hostKey,
  voucher: await voucherOf(client, host, cli.now()),
})

/** Runs work with a credential for a host in an agent of its own; takes it away at the end. */
export const withDoor = async <T>(
  { cli, client, terms, afterwards }: Passage,
  { host, login }: { readonly host: Host; readonly login: string | null },
  work: (door: Door) => Promise<T>,
): Promise<T> => {
  const target = await targetOf({ cli, client }, { host, login })
  const credential = await issueSshCredential(client, host, { ...terms, host: host.name, login: target.login })
  try {
    return await withAgent(credential.forAgent, async ({ socketPath, directory }) => {
      const knownHostsPath = join(directory, 'known_hosts')
      await writeFile(knownHostsPath, knownHostsOf(target), { mode: 0o600 })
      return work({ target, files: { socketPath, knownHostsPath }, credential })
    })
  } finally {
    if (afterwards === 'revoke') await revokeAfterUse(cli, credential, 'connection ended')
  }
}

/** Runs work with the program that leads through these hosts to where they end; null where there are none. */
export const withJumps = async <T>(
  passage: Passage,
  { jumps, to }: { readonly jumps: readonly NamedHost[]; readonly to: Pick<SshTarget, 'address' | 'port'> },
  work: (through: readonly string[] | null) => Promise<T>,
): Promise<T> => {
  const hosts = await Promise.all(jumps.map(({ host }) => passage.client.call('sshHost.get', { id: host })))
  const pass = (index: number, through: readonly string[] | null): Promise<T> => {
    const host = hosts[index]
    if (host === undefined) return work(through)
    return withDoor(passage, { host, login: jumps[index]?.login ?? null }, ({ target, files }) =>
      pass(index + 1, leadingOn(target, files, { to: hosts[index + 1] ?? to, through })),
    )
  }
  return pass(0, null)
}
