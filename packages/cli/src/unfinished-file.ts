import { createHash, randomBytes } from 'node:crypto'
import { readFileSync, readlinkSync } from 'node:fs'
import { readdir, rm } from 'node:fs/promises'
import { hostname } from 'node:os'
import { dirname, join } from 'node:path'

/** What is being written, and the ending of its name until then. */
export interface Unfinished {
  readonly path: string
  readonly ending: 'part' | 'tmp'
}

/**
 * A free name beside a file, for what is not complete yet. It tells the machine, the process and the start of that, so
 * that a later run knows what nobody writes any more: that is removed now, once for each directory.
 */
export const unfinishedName = async ({ path, ending }: Unfinished): Promise<string> => {
  await removeEnded(dirname(path))
  const mark = [machine(), process.pid, startOf(process.pid) ?? unknownStart, randomBytes(4).toString('hex')].join('-')
  return `${path}.${mark}.${ending}`
}

/** A run over a tree writes many files of one directory, and reads it once. */
const lookedAt = new Set<string>()

const namePattern = /\.([0-9a-f]{8})-(\d{1,10})-([0-9a-f]{8})-[0-9a-f]{8}\.(?:part|tmp)$/

/** What cannot be removed stays, and hinders nobody: it is not what the command is for. */
async function removeEnded(directory: string): Promise<void> {
  if (lookedAt.has(directory)) return
  lookedAt.add(directory)
  const names = await readdir(directory).catch(() => []) // whoever writes there is told
  for (const name of names.filter(isEnded)) await rm(join(directory, name), { force: true }).catch(() => {})
}

/** Of another machine, or of another container, nothing is known here: those are left alone. */
function isEnded(name: string): boolean {
  const [, where, pid = '', start] = namePattern.exec(name) ?? []
  if (where !== machine()) return false
  const now = startOf(Number(pid))
  return now === null ? !isAlive(Number(pid)) : now !== start
}

const unknownStart = '00000000'
const shortHash = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 8)
const machine = (): string => shortHash(`${hostname()} ${numbering()}`)

/** Where the numbers of processes are from: a container has its own, and may have its machine's name. */
function numbering(): string {
  try {
    return readlinkSync('/proc/self/ns/pid')
  } catch {
    return '' // no Linux
  }
}

/** When a process began, as Linux says it: the boot, and ticks since then. Null: it has ended, or this is no Linux. */
function startOf(pid: number): string | null {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8')
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const ticks = fields.slice(fields.lastIndexOf(')') + 2).split(' ')[startField]
    return shortHash(`${boot.trim()} ${ticks}`)
  } catch {
    return null
  }
}
/** Of the fields after the name, which may hold spaces. */
const startField = 19

/** A process of somebody else may not be signalled, and is there. */
function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM' // what Node documents
  }
}
