// A directory that stands for the root of a host, in which the scripts for hosts run as they are printed. Their sshd is
// the machine's own, with the configuration of this directory.
import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { userInfo } from 'node:os'
import { promisify } from 'node:util'
import { fingerprint, formatPublicKey, parsePublicKeyLine } from '@gatehouse/ssh/wire'

const runFile = promisify(execFile)

/** Scripts for hosts are run by root alone. */
export const asRoot = userInfo().uid === 0

/** How a script ended, and all that it said. */
export interface Ran {
  readonly code: number
  readonly output: string
}

/** With which arguments, and where programs are looked for before all other places. */
export interface HowToRun {
  readonly args?: readonly string[]
  readonly path?: string | null
}

/** One host's root. */
export interface HostRoot {
  /** The path of what a host has at this path. */
  readonly at: (path: string) => string
  readonly read: (path: string) => string
  /** Writes the configuration of sshd. */
  readonly configure: (lines: readonly string[]) => void
  /** A script that names the places of this root in place of the machine's own. */
  readonly moved: (script: string) => string
  readonly run: (script: string, how?: HowToRun) => Promise<Ran>
  /** All that lies here, byte for byte, with its mode; but for the script itself. */
  readonly snapshot: () => string
}

/** The key of a host, in a file, and as it is pinned. */
export interface HostKeyFile {
  readonly path: string
  readonly hostKey: string
  readonly fingerprint: string
}

const directories = ['etc/ssh/sshd_config.d', 'etc/pam.d', 'etc/systemd/system', 'usr/local/sbin', 'run', 'home']

/** Places that the scripts write to. */
const places = ['/etc/ssh', '/etc/pam.d', '/etc/systemd', '/usr/local/sbin/gatehouse', '/run/'] as const

const SCRIPT = 'setup.sh'

/** The line by which sshd reads the files of a directory, as most systems have it. */
export const includeLine = ({ at }: Pick<HostRoot, 'at'>): string => `Include ${at('etc/ssh/sshd_config.d')}/*.conf`

/** Makes a key for a host, in a directory that is outside of its root. */
export const makeHostKey = async (base: string): Promise<HostKeyFile> => {
  const path = join(base, 'host')
  await runFile('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', path])
  // its privilege separation wants it
  if (asRoot) mkdirSync('/run/sshd', { recursive: true, mode: 0o755 })
  const key = parsePublicKeyLine(readFileSync(`${path}.pub`, 'utf8'))
  return { path, hostKey: formatPublicKey({ ...key, comment: '' }), fingerprint: fingerprint(key) }
}

/** Makes an empty root. */
export const makeHostRoot = (base: string): HostRoot => {
  const root = mkdtempSync(join(base, 'root-'))
  for (const directory of directories) mkdirSync(join(root, directory), { recursive: true })
  const at = (path: string): string => join(root, path)
  const moved = (script: string): string =>
    places.reduce((text, place) => text.replaceAll(place, `${root}${place}`), script)
  return {
    at,
    moved,
    read: (path) => readFileSync(at(path), 'utf8'),
    configure: (lines) => writeFileSync(at('etc/ssh/sshd_config'), [...lines, ''].join('\n')),
    run: (script, { args = [], path = null } = {}) => {
      writeFileSync(at(SCRIPT), moved(script))
      const { PATH = '' } = process.env
      return ran('sh', [at(SCRIPT), ...args], path === null ? PATH : `${path}:${PATH}`)
    },
    snapshot: () => snapshotOf(root),
  }
}

const ran = async (program: string, words: readonly string[], PATH: string): Promise<Ran> => {
  try {
    const { stdout, stderr } = await runFile(program, words, { env: { ...process.env, PATH } })
    return { code: 0, output: stdout + stderr }
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string } // execFile's
    return { code, output: stdout + stderr }
  }
}

const snapshotOf = (root: string): string =>
  readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name !== SCRIPT)
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted()
    .map((path) => {
      const mode = (statSync(path).mode & 0o7777).toString(8)
      return `${relative(root, path)} ${mode}\n${readFileSync(path, 'latin1')}`
    })
    .join('\n')
