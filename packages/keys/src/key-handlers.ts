import { decodeUuidCursor, pageOf, Refusal } from '@gatehouse/contract'
import type { Handler, HandlersOf } from '@gatehouse/enforcement'
import { decidedKey, type KeysDeps } from './keys-deps.ts'
import { toKey } from './key-view.ts'
import { createKey } from './service/key-steps.ts'
import { readKey, selectKeys } from './service/key.queries.ts'

/** Keys themselves: nothing of this touches what was encrypted under them. */
export const keyHandlers = (deps: KeysDeps): HandlersOf<'kmsKey'> => ({
  'kmsKey.create': create(deps),
  'kmsKey.list': list(deps),
  'kmsKey.get': async (permit) => {
    const row = await readKey(deps.db, decidedKey(permit))
    if (row === null) throw new Refusal('not-found')
    return toKey(row)
  },
})

const create =
  (deps: KeysDeps): Handler<'kmsKey.create'> =>
  async (permit) => {
    const { input, slice } = permit
    if (slice === null) throw new Refusal('not-found')
    const workspace = slice.resource.id
    const id = deps.random.id()
    const wanted = { id, name: input.name, workspace, backend: deps.ownBackend, rotationDays: null }
    const noted = { resource: { type: 'KmsKey', id }, workspace } as const
    return toKey(await createKey(deps, wanted, (work) => deps.change(permit, work, () => noted)))
  }

const list =
  ({ db, directory }: KeysDeps): Handler<'kmsKey.list'> =>
  async ({ input: { first, after, workspace }, scope }) => {
    const asked = workspace === undefined ? null : await directory.findWorkspaceId(db, workspace)
    const within = workspace === undefined ? scope.workspaces : scope.workspaces.filter((id) => id === asked)
    const place = { after: after === undefined ? null : decodeUuidCursor(after), limit: first + 1 }
    const rows = await selectKeys(db, within, place)
    return pageOf(rows.map(toKey), first, (key) => [key.createdAt, key.id])
  }
