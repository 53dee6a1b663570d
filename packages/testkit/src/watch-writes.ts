import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

/** A program to run, and what it reads. */
export interface WatchedProgram {
  readonly command: string
  readonly args: readonly string[]
  readonly cwd: string
  readonly env: NodeJS.ProcessEnv
  readonly stdin?: string
}

/** What a program and all that it started have written. */
export interface Writes {
  /** By the path that it was written to, in the order of the writes. Pipes, sockets and memory are left out. */
  readonly files: ReadonlyMap<string, Buffer>
  /** What wrote to a file in a way that shows no bytes: a shared mapping, a copy by the kernel. */
  readonly unseen: readonly string[]
}

export interface WatchedRun extends Writes {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

/** The trace holds all that was written, so it lies in memory itself. */
const memory = '/dev/shm'

// What can put bytes into a file; and what makes pipes that have a path.
const writing = ['write', 'pwrite64', 'writev', 'pwritev', 'pwritev2']
const unseen = ['sendfile', 'copy_file_range', 'splice', 'mmap', 'io_uring_setup']
const making = ['mknod', 'mknodat']
/** The most that strace shows of one write. */
const shownBytesMax = 1_000_000
const flags = (trace: string): readonly string[] => {
  const traced = `trace=${[...writing, ...unseen, ...making].join(',')}`
  const shown = ['--decode-fds=path', '-xx', '-s', String(shownBytesMax), '-e', 'signal=none', '-e', traced]
  return ['-f', '-qq', '--seccomp-bpf', ...shown, '-o', trace]
}

/**
 * Why nothing can be watched here; null where it can. Whoever skips a test for it says so.
 */
export const whyUnwatched = async (): Promise<string | null> => {
  if (process.platform !== 'linux') return `strace, which watches writes, is for Linux, and this is ${process.platform}`
  return promisify(execFile)('strace', [...flags('/dev/null'), 'true']).then(
    () => null,
    (error: unknown) => `strace cannot watch here: ${error instanceof Error ? error.message : String(error)}`,
  )
}

/** Runs a program to its end, and answers all that it has written. */
export const watchWrites = async (program: WatchedProgram): Promise<WatchedRun> => {
  const started = await startWatched(program, ['pipe', 'pipe', 'pipe'])
  const written = { out: '', err: '' }
  started.child.stdout?.on('data', (chunk: Buffer) => (written.out += chunk.toString()))
  started.child.stderr?.on('data', (chunk: Buffer) => (written.err += chunk.toString()))
  started.child.stdin?.end(program.stdin ?? '')
  const [code] = (await once(started.child, 'close')) as [number | null] // as Node documents the event
  return { code, ...written, ...(await started.writes()) }
}

/** A program that runs on, watched. */
export interface WatchedProcess {
  readonly child: ChildProcess
  /** What was written; to be asked once, when the process has ended. */
  writes(): Promise<Writes>
}

/** Starts a program under the watch. Its channel, where there is one, passes through. */
export const startWatched = async (
  { command, args, cwd, env }: WatchedProgram,
  stdio: readonly ('pipe' | 'ipc')[],
): Promise<WatchedProcess> => {
  const directory = await mkdtemp(join(memory, 'gatehouse-watch-'))
  const trace = join(directory, 'trace')
  const child = spawn('strace', [...flags(trace), command, ...args], { cwd, env, stdio: [...stdio] })
  return {
    child,
    writes: async () => {
      const text = await readFile(trace, 'latin1').finally(() => rm(directory, { recursive: true, force: true }))
      return writesIn(text)
    },
  }
}

const hexText = String.raw`(?:\\x[0-9a-f]{2})`
const plainOf = (hex: string): Buffer => Buffer.from(hex.replaceAll('\\x', ''), 'hex')
const call = /^(?:\d+ +)?(\w+)\(/
const descriptors = new RegExp(String.raw`\d+<(${hexText}*)>`, 'g')
const strings = new RegExp(`"(${hexText}*)"`, 'g')

const writesIn = (trace: string): Writes => {
  const lines = trace.split('\n').map((line) => ({ line, name: call.exec(line)?.[1] ?? '' }))
  const pipes = new Set(lines.filter(isPipeMade).flatMap(({ line }) => stringsIn(line).map(String)))
  const isOfFile = (path: string): boolean => isFile(path) && !pipes.has(path)
  const files = new Map<string, Buffer[]>()
  for (const { line, name } of lines) {
    const [path] = pathsIn(line)
    if (!writing.includes(name) || path === undefined || !isOfFile(path)) continue
    files.set(path, [...(files.get(path) ?? []), ...stringsIn(line)])
  }
  const others = lines.filter(
    ({ line, name }) => unseen.includes(name) && mayWrite(line) && pathsIn(line).some(isOfFile),
  )
  return {
    files: new Map([...files].map(([path, parts]) => [path, Buffer.concat(parts)])),
    unseen: others.map(({ line, name }) => `${name} ${pathsIn(line).join(' ')}`),
  }
}

const isPipeMade = ({ line, name }: { line: string; name: string }): boolean =>
  making.includes(name) && line.includes('S_IFIFO')

const stringsIn = (line: string): readonly Buffer[] => [...line.matchAll(strings)].map(([, hex = '']) => plainOf(hex))

const pathsIn = (line: string): readonly string[] =>
  [...line.matchAll(descriptors)].map(([, hex = '']) => plainOf(hex).toString())

/** A mapping that only its process sees, or that is only read, writes nothing. */
const mayWrite = (line: string): boolean =>
  !line.includes('mmap(') || (line.includes('MAP_SHARED') && line.includes('PROT_WRITE'))

/** What has a path and is neither a device nor in memory; a run's temporary directory stands for a disk also there. */
const isFile = (path: string): boolean =>
  path.startsWith(`${tmpdir()}/`) || (path.startsWith('/') && !/^\/(?:dev|proc|sys)\//.test(path))

/** The forms in which a text is looked for: as it is, in Base64 wherever it begins, in hexadecimal, in UTF-16. */
export const formsOf = (text: string): readonly string[] => {
  const bytes = Buffer.from(text)
  const base64 = [0, 1, 2].map((before) => {
    const whole = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64')
    // the first and last characters hold bits of what stands beside it
    return whole.replace(/=+$/, '').slice(before === 0 ? 0 : 4, -1)
  })
  const hex = bytes.toString('hex')
  return [
    text,
    ...base64,
    ...base64.map((form) => form.replaceAll('+', '-').replaceAll('/', '_')),
    hex,
    hex.toUpperCase(),
    Buffer.from(text, 'utf16le').toString('latin1'),
  ]
}

/** The paths to which one of the texts was written, in any form. */
export const leaksIn = ({ files }: Pick<Writes, 'files'>, texts: readonly string[]): readonly string[] => {
  const forms = texts.flatMap(formsOf)
  return [...files].filter(([, bytes]) => forms.some((form) => bytes.includes(form, 0, 'latin1'))).map(([path]) => path)
}
