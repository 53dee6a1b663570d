import { readFileSync, rmSync } from 'node:fs'
import { identifyProcess } from '@gatehouse/testkit/servers'
import type { ProcessIdentity } from '@gatehouse/testkit/servers'
import { writeWhole } from './home.ts'
import type { Home } from './home.ts'

/** The children of a system, in the order in which they are started. */
export const SERVICES = ['postgres', 'temporal', 'gateway', 'worker'] as const

/** One child's name. */
export type ServiceName = (typeof SERVICES)[number]

/** What runs for a state directory: read by the next start when this one is killed. */
export type RunRecord = Readonly<Partial<Record<ServiceName | 'supervisor', ProcessIdentity>>>

/** Keeps the record on disk, beside the children it names. */
export const runRecorder = (home: Home) => {
  let record: RunRecord = { supervisor: identifyProcess(process.pid) ?? undefined }
  const write = () => writeWhole(home.runFile, `${JSON.stringify(record, null, 2)}\n`)
  write()
  return {
    /** Notes a child. Called in the same turn in which it was spawned, so that hardly a kill fits between. */
    note: (name: ServiceName, identity: ProcessIdentity | null) => {
      record = { ...record, [name]: identity ?? undefined }
      write()
    },
    remove: () => rmSync(home.runFile, { force: true }),
  }
}

/** Reads what an earlier start left; nothing when it ended cleanly. */
export const readRunRecord = (home: Home): RunRecord => {
  try {
    const parsed: unknown = JSON.parse(readFileSync(home.runFile, 'utf8'))
    if (typeof parsed !== 'object' || parsed === null) return {}
    return Object.fromEntries(Object.entries(parsed).filter(([, value]) => isIdentity(value)))
  } catch {
    return {}
  }
}

const isIdentity = (value: unknown): value is ProcessIdentity =>
  typeof value === 'object' &&
  value !== null &&
  'pid' in value &&
  typeof value.pid === 'number' &&
  'startedAt' in value &&
  typeof value.startedAt === 'string'
