import { decodeUuidCursor, invalidField, pageOf, Refusal, type Input, type Output } from '@gatehouse/contract'
import type { Handler, HandlersOf } from '@gatehouse/enforcement'
import { isUuid } from '@gatehouse/kit'
import { decidedKey, type KeysDeps } from './keys-deps.ts'
import { ownBackend, requireBackendName } from './backends.ts'
import { toKeyBackend } from './key-backends-view.ts'
import { toCiphertext, toKey, toUsage } from './key-view.ts'
import { deleteEntries, selectCiphertexts, selectUsage } from './service/census.queries.ts'
import { rotateKey } from './service/key-service.ts'
import { createKey, guardKey, limitVersions, revokeVersion, stepKey } from './service/key-steps.ts'
import { holdDueKeys, readKey, selectBackends, selectKeys, type KeyRow } from './service/key.queries.ts'
import { replicateKey, withdrawKey } from './service/replicate.ts'

/** Keys themselves, and what is known of the ciphertexts under them. */
export const keyHandlers = (deps: KeysDeps): HandlersOf<'kmsKey'> => ({
  'kmsKey.create': create(deps),
  'kmsKey.list': list(deps),
  'kmsKey.get': async (permit) => shown(deps, await keyNow(deps, decidedKey(permit))),
  'kmsKey.rotate': rotate(deps),
  'kmsKey.replicate': replicate(deps),
  'kmsKey.withdraw': withdraw(deps),
  'kmsKey.disable': disable(deps),
  'kmsKey.enable': async (permit) => {
    const id = decidedKey(permit)
    return shown(deps, await deps.change(permit, (tx) => stepKey(deps, tx, { id, event: { step: 'enable' } })))
  },
  'kmsKey.update': update(deps),
  'kmsKey.revokeVersion': revoke(deps),
  'kmsKey.scheduleDeletion': scheduleDeletion(deps),
  'kmsKey.cancelDeletion': async (permit) => {
    const id = decidedKey(permit)
    return shown(deps, await deps.change(permit, (tx) => stepKey(deps, tx, { id, event: { step: 'cancel-deletion' } })))
  },
  'kmsKey.destroyDue': destroyDue(deps),
  'kmsKey.usage': (permit) => usageOf(deps, decidedKey(permit)),
  'kmsKey.ciphertexts': ciphertexts(deps),
  'kmsKey.forget': forget(deps),
})

async function keyNow({ db }: Pick<KeysDeps, 'db'>, id: string): Promise<KeyRow> {
  const row = await readKey(db, id)
  if (row === null) throw new Refusal('not-found')
  return row
}

/** Keys with what their backends have of them. */
async function shownAll({ db, ring }: KeysDeps, rows: readonly KeyRow[]): Promise<Output<'kmsKey.get'>[]> {
  const standings = await selectBackends(
    db,
    rows.map(({ id }) => id),
  )
  const of = ({ id }: KeyRow) =>
    standings.filter(({ key_id: key }) => key === id).map((one) => toKeyBackend(ring.backends, one))
  return rows.map((row) => toKey(row, of(row)))
}

async function shown(deps: KeysDeps, row: KeyRow): Promise<Output<'kmsKey.get'>> {
  const [key] = await shownAll(deps, [row])
  if (key === undefined) throw new TypeError('a key was shown')
  return key
}

const usageOf = async (deps: KeysDeps, id: string) => toUsage(await keyNow(deps, id), await selectUsage(deps.db, id))

const create =
  (deps: KeysDeps): Handler<'kmsKey.create'> =>
  async (permit) => {
    const { input, slice } = permit
    if (slice === null) throw new Refusal('not-found')
    const workspace = slice.resource.id
    const id = deps.random.id()
    const wanted = { id, name: input.name, workspace, rotationDays: null, ...spreadIn(deps, input) }
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
  async ({ input: { first, after, workspace }, scope }) => {
    const { db, directory } = deps
    const asked = workspace === undefined ? null : await directory.findWorkspaceId(db, workspace)
    const within = workspace === undefined ? scope.workspaces : scope.workspaces.filter((id) => id === asked)
    const rows = await selectKeys(db, within, placeOf({ first, after }))
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

const update =
  (deps: KeysDeps): Handler<'kmsKey.update'> =>
  async (permit) => {
    const id = decidedKey(permit)
    const { minimumVersion: minimum, deletionGuard } = permit.input
    if (minimum === undefined && deletionGuard === undefined)
      throw invalidField('minimumVersion', 'a minimum version or a deletion guard: there is nothing to change')
    await deps.change(permit, async (tx) => {
      if (minimum !== undefined) await limitVersions(tx, { id, minimum })
      if (deletionGuard !== undefined) await guardKey(tx, id, deletionGuard ? 'on' : 'off')
    })
    return shown(deps, await keyNow(deps, id))
  }

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
  ({ change }: KeysDeps): Handler<'kmsKey.forget'> =>
  async (permit) => {
    const id = decidedKey(permit)
    const gone = permit.input.ciphertexts
    const wrong = gone.findIndex((one) => !isUuid(one))
    if (wrong !== -1) throw invalidField(`ciphertexts.${wrong}`, 'the whole id of a ciphertext')
    const forgotten = await change(
      permit,
      (tx) => deleteEntries(tx, id, gone),
      (count) => ({ detail: { forgotten: count } }),
    )
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
