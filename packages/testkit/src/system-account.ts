import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { ServerSetupError } from './server-setup-error.ts'

const run = promisify(execFile)

/** The numbers under which a server runs that refuses to run as root. */
export interface SystemAccount {
  readonly uid: number
  readonly gid: number
}

// Not `postgres`: a machine's own PostgreSQL may run under that name, and one account must not reach the other's files.
const ACCOUNT = 'gatehouse-postgres'
const ATTEMPTS = 20
const RETRY_MS = 100

/** Finds or makes the account PostgreSQL runs under when we are root; null when we are not and run it as ourselves. */
export const postgresAccount = async (): Promise<SystemAccount | null> => {
  if (process.getuid?.() !== 0) return null
  const found = await lookUp()
  return found ?? (await create())
}

const lookUp = async (): Promise<SystemAccount | null> => {
  try {
    const [uid, gid] = await Promise.all(
      ['-u', '-g'].map(async (flag) => Number((await run('id', [flag, ACCOUNT])).stdout)),
    )
    return uid === undefined || gid === undefined ? null : { uid, gid }
  } catch {
    return null // id exits with 1 for an unknown name
  }
}

const create = async (): Promise<SystemAccount> => {
  let cause: unknown
  // Two first starts at once meet at the lock of the password file; the loser finds the winner's account.
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    try {
      await run('useradd', [
        '--system',
        '--user-group',
        '--no-create-home',
        '--home-dir',
        '/nonexistent',
        '--shell',
        '/usr/sbin/nologin',
        ACCOUNT,
      ])
    } catch (error) {
      cause = error
    }
    const account = await lookUp()
    if (account) return account
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS))
  }
  throw new ServerSetupError(
    `PostgreSQL does not run as root and the account \`${ACCOUNT}\` could not be made: run \`useradd --system ` +
      `--user-group ${ACCOUNT}\` or set DATABASE_URL and DATABASE_ADMIN_URL`,
    { cause },
  )
}
