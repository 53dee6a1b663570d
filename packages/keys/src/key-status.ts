import type { Output } from '@gatehouse/contract'
import { selectColumnsBeginning, type Store } from '@gatehouse/database'
import type { Clock, DomainStatus, GaugeReading, HandlersOf } from '@gatehouse/enforcement'
import {
  healthOf,
  listBackends,
  lookAt,
  toBackendHealth,
  type OwnBackends,
  type SeenBackend,
} from './backend-sights.ts'
import { readDataKey } from './data-key.queries.ts'
import {
  countByState,
  countDueBefore,
  countWithout,
  selectNextRotations,
  type NextRotation,
} from './service/status.queries.ts'
import { keyStates } from './transitions.ts'
import { sealedHeadOf } from './wrap.ts'

/** What the state of keys and backends is told from. */
export interface StatusDeps {
  readonly db: Store
  readonly clock: Clock
  readonly backends: OwnBackends
}

type StatusHandlers = HandlersOf<'kmsBackend'> & Pick<HandlersOf<'kms'>, 'kms.status' | 'kms.health'>
type Status = Output<'kms.status'>
type Warning = Status['warnings'][number]

/** So many of the keys that are rotated next are told. */
const nextMax = 10
/** The worker rotates every hour. What was due two hours ago, nobody rotates. */
const overdueMs = 2 * 3_600_000

/** The state of backends and keys, as operations. No backend keeps one of them waiting. */
export const statusHandlers = (deps: StatusDeps): StatusHandlers => ({
  'kmsBackend.list': async () => listBackends(deps.db, await lookAt(deps.backends, 'fresh')),
  'kms.health': async () => {
    const seen = await lookAt(deps.backends, 'asked')
    return { health: healthOf(seen), at: deps.clock.now(), backends: seen.map(toBackendHealth) }
  },
  'kms.status': async ({ scope: { workspaces } }) => {
    const { db, clock } = deps
    const now = clock.now()
    const { seen, databaseKeys, warnings } = await lookAround(deps, now)
    const rows = await selectNextRotations(db, workspaces, nextMax)
    return {
      health: healthOf(seen),
      warnings,
      databaseKeys,
      sealed: await sealedColumns(db),
      keys: await countByState(db, workspaces),
      rotationsDue: await countDueBefore(db, now, workspaces),
      nextRotations: rows.map(toNextRotation),
    }
  },
})

/** Where values lie that the data key has sealed: found by their beginnings, so that no list of them can be wrong. */
async function sealedColumns(db: Store): Promise<Status['sealed']> {
  const [dataKey] = await readDataKey(db)
  return dataKey === undefined ? [] : selectColumnsBeginning(db, sealedHeadOf(dataKey.id))
}

const toNextRotation = ({ id, name, workspace_id: workspace, rotate_at: rotatesAt }: NextRotation) => ({
  id,
  name,
  workspace,
  rotatesAt,
})

interface Around {
  readonly seen: readonly SeenBackend[]
  readonly databaseKeys: number
  readonly warnings: Warning[]
}

async function lookAround({ db, backends }: StatusDeps, now: Date): Promise<Around> {
  const seen = await lookAt(backends, 'fresh')
  const databaseKeys = (await readDataKey(db)).length
  const fingerprints = seen.flatMap(({ kek }) => (kek === null ? [] : [kek.fingerprint]))
  const without = await countWithout(db, fingerprints)
  const overdue = await countDueBefore(db, new Date(now.getTime() - overdueMs), 'all')
  return { seen, databaseKeys, warnings: warningsOf({ seen, databaseKeys, without, overdue }) }
}

interface Found extends Omit<Around, 'warnings'> {
  readonly without: number
  readonly overdue: number
}

function warningsOf({ seen, databaseKeys, without, overdue }: Found): Warning[] {
  const unusable = seen.flatMap(({ place, sight }): Warning[] =>
    sight?.state === 'unusable' && sight.failure !== null
      ? [
          {
            kind: 'backend-unusable',
            message: `the key encryption key of [${place.section}] (${place.kind}) ${sight.failure.what}`,
            advice: sight.failure.next,
          },
        ]
      : [],
  )
  return [
    ...unusable,
    ...(databaseKeys > 1 ? [] : [singleKey]),
    ...(without === 0 ? [] : [withoutBackend(without)]),
    ...(overdue === 0 ? [] : [overdueRotations(overdue)]),
  ]
}

const singleKey: Warning = {
  kind: 'single-key',
  message: 'one key encryption key alone opens this database: if it is lost, so is all that is sealed',
  advice:
    'keep a copy of an age key on another machine, or name a second key in [kms.second] and run ' +
    '`gatehouse kms change-backend`',
}

const withoutBackend = (count: number): Warning => ({
  kind: 'keys-without-backend',
  message:
    `${count} ${count === 1 ? 'key has a version' : 'keys have versions'} ` +
    'that the backends of the settings do not open',
  advice:
    'name what wrapped them again: a region in [kms.regions]; a key encryption key in [kms.second], and run ' +
    '`gatehouse kms change-backend`. `gatehouse kms-key get` says which are not here',
})

const overdueRotations = (count: number): Warning => ({
  kind: 'rotations-overdue',
  message: `${count} ${count === 1 ? 'key was' : 'keys were'} due more than two hours ago and not rotated`,
  advice: 'see that the worker runs and that the backend of these keys answers',
})

/** The line of the system's status. One key alone is no fault of today: it is said, and the line stays as it is. */
export async function keyStatus(deps: StatusDeps, now: Date): Promise<DomainStatus> {
  const { seen, warnings } = await lookAround(deps, now)
  const others = warnings.filter(({ kind }) => kind !== 'single-key')
  const worst = healthOf(seen)
  const kinds = seen.map(({ place, sight }) => `${place.kind} ${sight?.state ?? 'absent'}`).join(', ')
  const message = warnings.length === 0 ? kinds : warnings.map((one) => `${one.message}: ${one.advice}`).join('; ')
  const health = worst === 'ok' && others.length > 0 ? 'degraded' : worst
  return { parts: [{ name: 'kms', health, message }], facts: {} }
}

/** What is measured whenever somebody looks. A backend is asked by that, and not waited for. */
export async function keyGauges({ db, backends }: StatusDeps, now: Date): Promise<GaugeReading[]> {
  const seen = await lookAt(backends, 'known')
  const counts = new Map((await countByState(db, 'all')).map(({ state, count }) => [state, count]))
  const known = seen.filter(({ sight }) => sight !== null && sight.state !== 'unknown')
  const single = (name: string, value: number): GaugeReading => ({ name, rows: [{ labels: [], value }] })
  return [
    {
      name: 'gatehouse_kms_backend_usable',
      rows: known.map(({ place, sight }) => ({
        labels: [place.section, place.kind],
        value: sight?.state === 'usable' ? 1 : 0,
      })),
    },
    {
      name: 'gatehouse_kms_backend_circuit_open',
      rows: known.map(({ place, kek }) => ({
        labels: [place.section, place.kind],
        value: kek?.isResting?.() === true ? 1 : 0,
      })),
    },
    {
      name: 'gatehouse_kms_keys',
      rows: keyStates.map((state) => ({ labels: [state], value: counts.get(state) ?? 0 })),
    },
    single('gatehouse_kms_rotations_overdue', await countDueBefore(db, new Date(now.getTime() - overdueMs), 'all')),
    single('gatehouse_kms_database_keys', (await readDataKey(db)).length),
  ]
}
