import { createHash } from 'node:crypto'
import { rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseHostKeyLine } from '@gatehouse/ssh/wire'
import { z } from 'zod'
import { localError } from './cli-error.ts'
import type { CliConfig } from './config.ts'
import type { Server } from './find-server.ts'
import { makePrivateDirectory, readPrivateFile, writePrivateFile } from './private-file.ts'
import { vouchedLines } from './ssh-voucher.ts'
import { withFileLock } from './with-file-lock.ts'

const KnownHost = z.object({
  name: z.string(),
  user: z.string(),
  hostKey: z.string(),
  /** The CA that vouches for this name, where one does; files of earlier versions do not say. */
  hostCa: z.string().nullable().default(null),
  formerKeys: z.array(z.string()).default([]),
})
const KnownHosts = z.object({
  /** When the server was last asked for all of them. */
  askedAt: z.iso.datetime(),
  hosts: z.array(KnownHost),
})

/** What the system's ssh has to know of a registered host before it connects. */
export type KnownHost = z.output<typeof KnownHost>
export type KnownHosts = z.output<typeof KnownHosts>

/** Where the system's ssh finds what is ours: one directory for each server and account. */
export interface SshPlace {
  readonly directory: string
  /** Pinned host keys, as `UserKnownHostsFile` takes them. */
  readonly knownHostsPath: string
  /** The account of each host, for `Include`. */
  readonly accountsPath: string
  readonly read: () => Promise<KnownHosts>
  /** Changes what is known, alone, and writes what follows from it for ssh. */
  readonly change: (to: (known: KnownHosts) => KnownHosts) => Promise<void>
  /** Where the agent for one account of a host listens; ssh's `IdentityAgent` names it by `%r@%h`. */
  readonly socketOf: (target: { readonly account: string; readonly host: string }) => string
}

/** The longest path that a socket can have on every system, without the zero at its end. */
const SOCKET_PATH_BYTES_MAX = 103

const nothingKnown: KnownHosts = { askedAt: new Date(0).toISOString(), hosts: [] }

/** The place of one account at one server. */
export const sshPlace = ({ configHome }: Pick<CliConfig, 'configHome'>, server: Server): SshPlace => {
  // a digest, for the paths of sockets are short
  const name = createHash('sha256').update(`${server.account} ${server.url}`).digest('hex').slice(0, 8)
  const directory = join(configHome, 'ssh', name)
  const path = join(directory, 'hosts.json')
  const read = async (): Promise<KnownHosts> => (await readPrivateFile(path, KnownHosts)) ?? nothingKnown
  const knownHostsPath = join(directory, 'known_hosts')
  const accountsPath = join(directory, 'accounts')
  return {
    directory,
    knownHostsPath,
    accountsPath,
    read,
    change: (to) =>
      withFileLock({ path, what: 'the hosts that ssh knows' }, async () => {
        const known = to(await read().catch(() => nothingKnown)) // a damaged file is written anew
        await writePrivateText(knownHostsPath, known.hosts.map(knownHostsLine).join(''))
        await writePrivateText(accountsPath, known.hosts.map(accountLines).join(''))
        await writePrivateFile(path, known)
      }),
    socketOf: (target) => socketIn(directory, target),
  }
}

/** The host as ssh calls it, at whatever port. */
const knownHostsLine = ({ name, hostKey, hostCa, formerKeys }: KnownHost): string => {
  const { key } = parseHostKeyLine(hostKey)
  const names = `${name},[${name}]:*`
  const pinned = `${names} ${key.type} ${Buffer.from(key.blob).toString('base64')}\n`
  const vouched = hostCa === null ? [] : vouchedLines(names, { caKey: hostCa, formerKeys })
  return [...vouched, pinned].join('\n')
}

/** By a `Match`: unlike `Host`, it takes a name in any case, as ssh does for all else. */
const accountLines = ({ name, user }: KnownHost): string => `Match originalhost ${name}\n    User ${user}\n`

const writePrivateText = async (path: string, text: string): Promise<void> => {
  const temporary = `${path}.new` // the caller has the lock
  await writeFile(temporary, text, { mode: 0o600 })
  await rename(temporary, path)
}

const socketIn = (
  directory: string,
  { account, host }: { readonly account: string; readonly host: string },
): string => {
  const path = join(directory, `${account}@${host}`)
  if (Buffer.byteLength(path) > SOCKET_PATH_BYTES_MAX)
    throw localError(`${path} is longer than the path of a socket can be`, {
      hint: 'name a short directory: GATEHOUSE_CONFIG_HOME=/home/you/.gh, and print gatehouse ssh config again',
    })
  return path
}

/** Makes room for a socket: what a process left there that was killed is gone. */
export const clearSocket = async (path: string, directory: string): Promise<void> => {
  await makePrivateDirectory(directory)
  await rm(path, { force: true })
}
