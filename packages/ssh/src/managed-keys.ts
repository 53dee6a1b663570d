import { HostAccessError, type HostAccess } from './host-access/index.ts'
import type { SshHostRow } from './ssh-host.queries.ts'
import type { SshKeyRow } from './ssh-key.queries.ts'
import { formatAuthorizedKey, parsePublicKeyLine, readBlock, replaceBlock } from './wire/index.ts'

/**
 * What a person's key may do beside running commands: a terminal and tunnels. No agent and no X11 forwarding, which
 * expose the person to the host.
 */
const permissions = ['pty', 'port-forwarding'] as const

/** Where sshd looks for keys unless it is told otherwise, from the account's home. */
const authorizedKeysPathDefault = '.ssh/authorized_keys'

/** Somebody else writes the same file now and then; more often than this in one visit is a fight. */
const rewritesMax = 5

/** What one visit changed, in lines. */
export interface BlockChange {
  readonly kept: number
  readonly removed: number
  readonly restored: number
}

/** The file that holds the keys of one account of the host; `%u` in a path stands for the account, as for sshd. */
export const authorizedKeysPath = (host: SshHostRow, login: string): string =>
  (host.authorized_keys_path ?? authorizedKeysPathDefault).replace(/%([u%])/g, (_, token: string) =>
    token === 'u' ? login : '%',
  )

/** Whether Gatehouse can put keys for this account on the host: its own, and others only where each has a file. */
export const canHoldKeysOf = (host: SshHostRow, login: string): boolean =>
  login === host.user_name || authorizedKeysPath(host, login) !== authorizedKeysPath(host, host.user_name)

/** The line of a key: restricted, ending by itself, from its addresses only. */
export const lineOf = (key: SshKeyRow): string =>
  formatAuthorizedKey({
    key: parsePublicKeyLine(key.public_key),
    comment: `gatehouse key=${key.id} lease=${key.lease_id}`,
    expiresAt: key.expires_at,
    sourceAddresses: key.source_addresses,
    allow: permissions,
  })

/**
 * Brings our block in one file to exactly these lines. Everything else in the file stays as it is; a file that is right
 * is not written.
 */
export async function writeBlock(access: HostAccess, path: string, lines: readonly string[]): Promise<BlockChange> {
  for (let rewrites = 0; ; rewrites += 1) {
    try {
      return await writeOnce(access, path, lines)
    } catch (error) {
      if (!(error instanceof HostAccessError) || error.problem !== 'changed' || rewrites >= rewritesMax) throw error
    }
  }
}

async function writeOnce(access: HostAccess, path: string, lines: readonly string[]): Promise<BlockChange> {
  const file = await access.readFile(path)
  const before = file === null ? [] : readBlock(file.bytes)
  const change = compare(before, lines)
  const same = before.length === lines.length && before.every((line, index) => line === lines[index])
  if (!same)
    await access.writeFileAtomically({
      path,
      bytes: replaceBlock(file?.bytes ?? new Uint8Array(), lines),
      expected: file,
      mode: 'keep',
    })
  return change
}

function compare(before: readonly string[], after: readonly string[]): BlockChange {
  const [had, has] = [new Set(before), new Set(after)]
  return {
    kept: before.filter((line) => has.has(line)).length,
    removed: before.filter((line) => !has.has(line)).length,
    restored: after.filter((line) => !had.has(line)).length,
  }
}

/** The changes of several files as one. */
export const sumChanges = (changes: readonly BlockChange[]): BlockChange =>
  changes.reduce(
    (sum, one) => ({
      kept: sum.kept + one.kept,
      removed: sum.removed + one.removed,
      restored: sum.restored + one.restored,
    }),
    { kept: 0, removed: 0, restored: 0 },
  )
