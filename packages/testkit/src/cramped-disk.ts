import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { ServerSetupError } from './server-setup-error.ts'
import type { ServerCommand } from './postgres-cluster.ts'
import type { SystemAccount } from './system-account.ts'

const run = promisify(execFile)

/** A small file system in memory that a server of ours sees, and what to start the server by so that it does. */
export interface CrampedDisk {
  readonly path: string
  readonly startedBy: (server: ServerCommand) => ServerCommand
  remove(): Promise<void>
}

// In a user namespace of its own anybody may mount; in a second one inside it the server is itself again, since
// PostgreSQL does not run as root, not as a make-believe one either.
const MOUNT_AND_RUN = [
  'mount -t tmpfs -o size="$1",mode=700 tmpfs "$2"',
  'uid=$3; gid=$4; shift 4',
  'exec unshare --user --map-user="$uid" --map-group="$gid" -- "$@"',
].join(' && ')

/**
 * Makes one of so many megabytes (Linux). As root it is mounted for all; else it is there for the server alone, in
 * namespaces of its own. Where neither is allowed, starting it fails and says so.
 */
export async function crampedDisk(megabytes: number, account: SystemAccount | null): Promise<CrampedDisk> {
  if (process.platform !== 'linux') throw new ServerSetupError('a full disk can be had on Linux only')
  const path = await mkdtemp(join(tmpdir(), 'gatehouse-cramped-'))
  const size = `${megabytes}m`
  if (account === null) {
    const [uid, gid] = [process.getuid?.() ?? 0, process.getgid?.() ?? 0]
    const words = ['--user', '--map-root-user', '--mount', '--', 'sh', '-ec', MOUNT_AND_RUN, 'sh']
    return {
      path,
      startedBy: (server) => ({
        ...server,
        command: 'unshare',
        args: [...words, size, path, String(uid), String(gid), server.command, ...server.args],
      }),
      remove: () => rm(path, { recursive: true, force: true }),
    }
  }
  const { uid, gid } = account
  await run('mount', ['-t', 'tmpfs', '-o', `size=${size},mode=700,uid=${uid},gid=${gid}`, 'tmpfs', path])
  return {
    path,
    startedBy: (server) => server,
    remove: async () => {
      await run('umount', ['--lazy', path])
      await rm(path, { recursive: true, force: true })
    },
  }
}
