import { decodeUuidCursor, invalidField, pageOf, Refusal, workflowIds, type Input } from '@gatehouse/contract'
import { followed, workflowPage, type ChangedRow, type Handler, type HandlersOf } from '@gatehouse/enforcement'
import { isUuid } from '@gatehouse/kit'
import { wakeIfLeft } from './key-clock.ts'
import { decidedKey, type KeysDeps, type KeysPorts } from './keys-deps.ts'
import { ownBackend, requireBackendName } from './backends.ts'
import { updateKey } from './key-update.ts'
import { keyNow, shown, shownAll } from './show-key.ts'
import { toCiphertext, toUsage } from './key-view.ts'
import { countMoved, deleteEntries, selectCiphertexts, selectUsage } from './service/census.queries.ts'
import { rotateDue, type DueDone } from './service/due-rotation.ts'
import { rotateKey } from './service/key-service.ts'
import { createKey, revokeVersion, stepKey } from './service/key-steps.ts'
import { holdDueKeys, selectKeys, type KeyRow } from './service/key.queries.ts'
import { replicateKey, withdrawKey } from './service/replicate.ts'

/** Keys themselves, and what is known of the ciphertexts under them. */
export const keyHandlers = (deps: KeysDeps, ports: KeysPorts): HandlersOf<'kmsKey'> => ({
  'kmsKey.create': followed(ports, create(deps), withClock),
  'kmsKey.list': list(deps),
  'kmsKey.get': async (permit) => shown(deps, await keyNow(deps, decidedKey(permit))),
  'kmsKey.rotate': followed(ports, rotate(deps), withClock),
  'kmsKey.rotateDue': due(deps),
  'kmsKey.replicate': replicate(deps),
  'kmsKey.withdraw': withdraw(deps),
  'kmsKey.disable': disable(deps),
  'kmsKey.enable': followed(ports, enable(deps), withClock),
  'kmsKey.update': followed(ports, updateKey(deps, ports.secondPerson), withClock),
  'kmsKey.revokeVersion': revoke(deps),
  'kmsKey.scheduleDeletion': scheduleDeletion(deps),
  'kmsKey.cancelDeletion': async (permit) => {
    const id = decidedKey(permit)
    return shown(deps, await deps.change(permit, (tx) => stepKey(deps, tx, { id, event: { step: 'cancel-deletion' } })))
  },
  'kmsKey.destroyDue': destroyDue(deps),
  'kmsKey.usage': (permit) => usageOf(deps, decidedKey(permit)),
  'kmsKey.ciphertexts': ciphertexts(deps),
  'kmsKey.forget': forget(deps, ports),
})

/** A key of which something is to come by the clock; what is stopped is found out by its workflow itself. */
const withClock = ({
  id,
  rotatesAt,
  currentVersion,
  minimumVersion,
}: Awaited<ReturnType<typeof shown>>): ChangedRow[] =>
  rotatesAt !== null || minimumVersion < currentVersion ? [['key-rotation', id]] : []

async function usageOf({ db, clock, temporalWeb }: KeysDeps, id: string) {
  const row = await keyNow({ db }, id)
  const versions = await selectUsage(db, id)
  const since = versions.find(({ version }) => version === row.current_version)?.created_at ?? row.created_at
  const moved = await countMoved(db, { keyId: id, version: row.current_version, since })
  const workflowUrl = workflowPage(temporalWeb, workflowIds.rowClock('key-rotation', id))
  return toUsage(row, { versions, since, moved, workflowUrl, now: clock.now() })
}

const create =
  (deps: KeysDeps): Handler<'kmsKey.create'> =>
  async (permit) => {
    const { input, slice } = permit
    if (slice === null) throw new Refusal('not-found')
    const workspace = slice.resource.id
    const id = deps.random.id()
    const { name, rotationDays = null } = input
    const wanted = { id, name, workspace, rotationDays, ...spreadIn(deps, input) }
    const noted = { resource: { type: 'KmsKey', id }, workspace } as const
    return shown(deps, await createKey(deps, wanted, (work) => deps.change(permit, work, () => noted)))
  }

/** The backends that a new key is asked for with, by their names. */
const spreadIn = ({ ring: { backends } }: KeysDeps, { backend, regions = [], quorum }: Input<'kmsKey.create'>) => ({
  backend: backend === undefined ? ownBackend : requireBackendName(backends, 'backend', backend),
  regions: regions.map((region, index) => requireBackendName(backends, `regions.${index}`, region)),
  quorum: quorum ?? null,
})

const list =
  (deps: KeysDeps): Handler<'kmsKey.list'> =>
  async ({ input: { first, after, workspace, state, search }, scope }) => {
    const { db, directory } = deps
    const asked = workspace === undefined ? null : await directory.findWorkspaceId(db, workspace)
    const workspaces = workspace === undefined ? scope.workspaces : scope.workspaces.filter((id) => id === asked)
    const rows = await selectKeys(db, { workspaces, state, search }, placeOf({ first, after }))
    return pageOf(await shownAll(deps, rows), first, (key) => [key.createdAt, key.id])
  }

const placeOf = ({ first, after }: { readonly first: number; readonly after: string | undefined }) => ({
  after: after === undefined ? null : decodeUuidCursor(after),
  limit: first + 1,
})

const rotate =
  (deps: KeysDeps): Handler<'kmsKey.rotate'> =>
  async (permit) => {
    const id = decidedKey(permit)
    await rotateKey(deps, id, (work) => deps.change(permit, work))
    return shown(deps, await keyNow(deps, id))
  }

const replicate =
  (deps: KeysDeps): Handler<'kmsKey.replicate'> =>
  async (permit) => {
    const id = decidedKey(permit)
    const region = requireBackendName(deps.ring.backends, 'region', permit.input.region)
    await replicateKey(deps, { id, region }, (work) => deps.change(permit, work, (done) => ({ detail: { ...done } })))
    return shown(deps, await keyNow(deps, id))
  }

const withdraw =
  (deps: KeysDeps): Handler<'kmsKey.withdraw'> =>
  async (permit) => {
    const id = decidedKey(permit)
    const { region } = permit.input // it may be gone from the settings
    await withdrawKey(deps, { id, region }, (work) => deps.change(permit, work, (removed) => ({ detail: { removed } })))
    return shown(deps, await keyNow(deps, id))
  }

const disable =
  (deps: KeysDeps): Handler<'kmsKey.disable'> =>
  async (permit) => {
    const id = decidedKey(permit)
    const event = { step: permit.input.decryptOnly ? 'restrict' : 'disable' } as const
    return shown(deps, await deps.change(permit, (tx) => stepKey(deps, tx, { id, event })))
  }

const enable =
  (deps: KeysDeps): Handler<'kmsKey.enable'> =>
  async (permit) => {
    const id = decidedKey(permit)
    return shown(deps, await deps.change(permit, (tx) => stepKey(deps, tx, { id, event: { step: 'enable' } })))
  }

/** One line of the audit log for the run, and one for each key that it did something to. */
const due =
  (deps: KeysDeps): Handler<'kmsKey.rotateDue'> =>
  async (permit) => {
    const { key = null } = permit.input
    if (key !== null && !isUuid(key)) throw invalidField('key', 'the whole id of a key')
    const { rotated, closed, failed } = await rotateDue(deps, key, (work) =>
      deps.change(
        permit,
        async (tx) => {
          const done = await work(tx)
          await deps.change.events(tx, eventsOf(done))
          return done
        },
        (done) => ({ detail: { rotated: done.rotated.length, closed: done.closed.length, failed: done.failed } }),
      ),
    )
    return { rotated: rotated.length, closed: closed.length, failed: [...failed] }
  }

const eventsOf = ({ rotated, closed }: DueDone) => [
  ...rotated.map((row) => ({
    ...placeOfEvent(row),
    name: 'kmsKey.rotated' as const,
    detail: { name: row.name, version: row.current_version + 1 },
  })),
  ...closed.map((row) => ({
    ...placeOfEvent(row),
    name: 'kmsKey.versionsClosed' as const,
    detail: { name: row.name, minimumVersion: row.current_version },
  })),
]

const placeOfEvent = ({ id, workspace_id: workspace }: KeyRow) => ({
  resource: { type: 'KmsKey', id } as const,
  workspace,
})

const revoke =
  (deps: KeysDeps): Handler<'kmsKey.revokeVersion'> =>
  async (permit) => {
    const id = decidedKey(permit)
    await deps.change(permit, (tx) => revokeVersion(deps, tx, { id, version: permit.input.version }))
    return usageOf(deps, id)
  }

const ciphertexts =
  ({ db }: KeysDeps): Handler<'kmsKey.ciphertexts'> =>
  async (permit) => {
    const { first, after, version = null } = permit.input
    const rows = await selectCiphertexts(db, { keyId: decidedKey(permit), version }, placeOf({ first, after }))
    return pageOf(rows.map(toCiphertext), first, (one) => [one.sealedAt, one.id])
  }

const forget =
  (deps: KeysDeps, ports: KeysPorts): Handler<'kmsKey.forget'> =>
  async (permit) => {
    const id = decidedKey(permit)
    const gone = permit.input.ciphertexts
    const wrong = gone.findIndex((one) => !isUuid(one))
    if (wrong !== -1) throw invalidField(`ciphertexts.${wrong}`, 'the whole id of a ciphertext')
    const forgotten = await deps.change(
      permit,
      (tx) => deleteEntries(tx, id, gone),
      (count) => ({ detail: { forgotten: count } }),
    )
    await wakeIfLeft(deps, ports, id)
    return { id, forgotten }
  }

const scheduleDeletion =
  (deps: KeysDeps): Handler<'kmsKey.scheduleDeletion'> =>
  async (permit) => {
    const id = decidedKey(permit)
    const { days, losing } = permit.input
    const event = { step: 'schedule-deletion', days, losing } as const
    const row = await deps.change(
      permit,
      (tx) => stepKey(deps, tx, { id, event }),
      ({ delete_at: at }) => ({ detail: { deleteAt: at?.toISOString() ?? null } }),
    )
    return shown(deps, row)
  }

/** So many in one transaction; the next run has the rest. */
const destroyedAtOnce = 100

const destroyDue =
  (deps: KeysDeps): Handler<'kmsKey.destroyDue'> =>
  async (permit) => {
    const destroyed = await deps.change(
      permit,
      async (tx) => {
        const due = await holdDueKeys(tx, deps.clock.now(), destroyedAtOnce)
        for (const id of due) {
          const { name, workspace_id: workspace } = await stepKey(deps, tx, { id, event: { step: 'destroy' } })
          const resource = { type: 'KmsKey', id } as const
          await deps.change.event(tx, { name: 'kmsKey.destroyed', resource, workspace, detail: { name } })
        }
        return due.length
      },
      (count) => ({ detail: { destroyed: count } }),
    )
    return { destroyed }
  }
