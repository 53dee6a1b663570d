import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync, utimesSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Say } from './pinned-tool.ts'
import { ServerSetupError } from './server-setup-error.ts'
import { sourceDigest } from './source-digest.ts'

/** The programs of a checkout, each put together from its sources. */
export interface Programs {
  readonly gateway: string
  readonly worker: string
  readonly cli: string
}

/** Puts the programs of a checkout into a new directory. */
export type BuildPrograms = (root: string, directory: string) => Promise<void>

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))
/** What the programs are made of. The lock file stands for other people's packages. */
const SOURCES = ['apps/gateway', 'apps/worker', 'packages', 'temporal', 'scripts/programs', 'package-lock.json']
const DIGEST_CHARACTERS = 16
/** Built from older sources and not started for so long: nobody runs it, or needs a part of it that it loads late. */
const UNUSED_DAYS_MAX = 3
const DAY_MS = 86_400_000
const OUTPUT_BYTES_MAX = 4_000_000

/**
 * The programs as the sources are at this moment, put together unless they were. A program of two thousand files spends
 * most of its start on finding and reading them; these start in half the processor time. They lie under the digest of
 * their sources, so none is ever older than these, and one that runs keeps its own.
 */
export const ensureProgramsBuilt = async (
  root: string,
  { say = () => undefined, build = buildPrograms }: { readonly say?: Say; readonly build?: BuildPrograms } = {},
): Promise<Programs> => {
  const all = join(root, 'node_modules', '.cache', 'gatehouse', 'programs')
  const directory = join(all, sourceDigest(root, SOURCES).slice(0, DIGEST_CHARACTERS))
  if (!existsSync(directory)) {
    say('putting the programs together …')
    const started = performance.now()
    await buildInto(directory, (partial) => build(root, partial))
    say(`programs put together (${((performance.now() - started) / 1000).toFixed(1)} s)`)
    forgetUnused(all)
  }
  const now = new Date()
  utimesSync(directory, now, now)
  const program = (name: string): string => join(directory, 'apps', `${name}.mjs`)
  return { gateway: program('gateway'), worker: program('worker'), cli: program('gatehouse') }
}

let ours: Promise<Programs> | null = null

/** This checkout's, looked for once by each process. */
export const builtPrograms = (): Promise<Programs> => (ours ??= ensureProgramsBuilt(ROOT))

/** Built beside and moved into place: there is a whole directory or none, and the first of several who do it wins. */
const buildInto = async (directory: string, build: (partial: string) => Promise<void>): Promise<void> => {
  mkdirSync(dirname(directory), { recursive: true })
  const partial = mkdtempSync(`${directory}.`)
  try {
    await build(partial)
    renameSync(partial, directory)
  } catch (error) {
    if (!existsSync(directory)) throw error
  } finally {
    rmSync(partial, { recursive: true, force: true })
  }
}

// In a process of its own: the bundler's memory goes with it.
const buildPrograms: BuildPrograms = async (root, directory) => {
  const builder = join(root, 'scripts', 'programs', 'build-programs.ts')
  await promisify(execFile)(process.execPath, [builder, directory], { cwd: root, maxBuffer: OUTPUT_BYTES_MAX }).catch(
    (cause: Error & { readonly stderr?: string }) => {
      throw new ServerSetupError(`the programs could not be put together:\n${cause.stderr || cause.message}`, { cause })
    },
  )
}

const forgetUnused = (all: string): void => {
  const oldest = new Date().getTime() - UNUSED_DAYS_MAX * DAY_MS
  for (const name of readdirSync(all)) {
    const path = join(all, name)
    const usedAt = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0
    if (usedAt < oldest) rmSync(path, { recursive: true, force: true })
  }
}
