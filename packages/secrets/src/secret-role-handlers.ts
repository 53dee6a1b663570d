import { decodeUuidCursor, invalidField, pageOf, Refusal, type Input } from '@gatehouse/contract'
import type { AnyPermit, Handler, HandlersOf } from '@gatehouse/enforcement'
import { formIn } from './given-kind.ts'
import { limitRenewals } from './lease.queries.ts'
import { fieldRefusal, reachBackend } from './reach-backend.ts'
import { holdBackend, readBackend, type StandingBackend } from './secret-backend.queries.ts'
import type { SecretDeps } from './secret-deps.ts'
import {
  changeRole,
  countLeasesOf,
  insertRole,
  readRole,
  removeRole,
  selectRoles,
  type RoleTerms,
  type SecretRoleRow,
} from './secret-role.queries.ts'
import { toRole } from './secret-view.ts'

/** What may be asked of backends. */
export const secretRoleHandlers = (deps: SecretDeps): HandlersOf<'secretRole'> => ({
  'secretRole.create': create(deps),
  'secretRole.update': update(deps),
  'secretRole.delete': remove(deps),
  'secretRole.list': list(deps),
  'secretRole.get': async (permit) => toRole(await decidedRole(deps, permit), deps.providers),
})

/** The role that was decided on. */
export async function decidedRole(
  { db }: Pick<SecretDeps, 'db'>,
  { slice }: Pick<AnyPermit, 'slice'>,
): Promise<SecretRoleRow> {
  const role = slice === null ? null : await readRole(db, slice.resource.id)
  if (role === null) throw new Refusal('not-found')
  return role
}

const create =
  (deps: SecretDeps): Handler<'secretRole.create'> =>
  async (permit) => {
    const { input, slice } = permit
    if (slice === null) throw new Refusal('not-found')
    const backend = await readBackend(deps.db, input.backend)
    if (backend === null) throw invalidField('backend', 'the name or id of a backend; see secret-backend list')
    const terms = {
      ttlSecondsMax: input.ttlSecondsMax,
      leasesMax: input.leasesMax ?? null,
      leasesEachMax: input.leasesEachMax ?? null,
      form: requiredForm(input, backend),
    }
    await refuseTerms(deps, backend, terms)
    const [id, workspaceId] = [deps.random.id(), slice.resource.id]
    const one = { ...terms, id, name: input.name, workspaceId, backendId: backend.id, now: deps.clock.now() }
    await deps.change(
      permit,
      async (tx) => {
        if ((await holdBackend(tx, backend.id)) === null)
          throw new Refusal('conflict', { hint: 'the backend was removed just now' })
        if (!(await insertRole(tx, one)))
          throw new Refusal('conflict', { fields: [{ path: 'name', message: 'another name; this one is taken' }] })
      },
      () => ({ resource: { type: 'SecretRole', id }, workspace: workspaceId, detail: { backend: backend.name } }),
    )
    return toRole(await requireRole(deps, id), deps.providers)
  }

async function requireRole({ db }: Pick<SecretDeps, 'db'>, id: string): Promise<SecretRoleRow> {
  const role = await readRole(db, id)
  if (role === null) throw new Refusal('not-found')
  return role
}

function requiredForm(input: Input<'secretRole.create'>, { kind }: StandingBackend): object {
  const form = formIn(input, kind)
  if (form === null) throw invalidField(kind, 'what its credentials may do')
  return form
}

/** Nothing is kept that could never be given. */
async function refuseTerms(deps: SecretDeps, backend: StandingBackend, terms: RoleTerms): Promise<void> {
  const { ttlSecondsMin, ttlSecondsMax } = deps.providers[backend.kind].limits
  if (terms.ttlSecondsMax < ttlSecondsMin || terms.ttlSecondsMax > ttlSecondsMax)
    throw invalidField('ttlSecondsMax', `from ${ttlSecondsMin} to ${ttlSecondsMax} seconds`)
  try {
    await reachBackend(deps, backend, (provider, target) => provider.check(target, terms.form))
  } catch (error) {
    throw fieldRefusal(error, backend.kind)
  }
}

const update =
  (deps: SecretDeps): Handler<'secretRole.update'> =>
  async (permit) => {
    const { id: _, ...changes } = permit.input
    if (Object.values(changes).every((value) => value === undefined))
      throw invalidField('ttlSecondsMax', 'something to change: how long, how many, or with which rights')
    const role = await decidedRole(deps, permit)
    const backend = await readBackend(deps.db, role.backend_id)
    if (backend === null) throw new Refusal('not-found')
    const terms = termsAfter(role, changes)
    await refuseTerms(deps, backend, terms)
    await deps.change(permit, async (tx) => {
      if (!(await changeRole(tx, role.id, terms))) throw new Refusal('not-found')
      await limitRenewals(tx, { roleId: role.id, secondsMax: terms.ttlSecondsMax })
    })
    return toRole(await requireRole(deps, role.id), deps.providers)
  }

const termsAfter = (role: SecretRoleRow, changes: Omit<Input<'secretRole.update'>, 'id'>): RoleTerms => ({
  ttlSecondsMax: changes.ttlSecondsMax ?? role.ttl_seconds_max,
  leasesMax: quotaAfter(role.leases_max, changes.leasesMax),
  leasesEachMax: quotaAfter(role.leases_each_max, changes.leasesEachMax),
  form: formAfter(role, formIn(changes, role.kind) ?? {}),
})

/** What is left out stays, and an empty text takes away what was there. */
const formAfter = ({ form }: SecretRoleRow, changes: object): object =>
  Object.fromEntries(
    Object.entries({ ...(form as object), ...definedOf(changes) }) // an object, by whatever form
      .filter(([, value]) => value !== ''),
  )

/** 0 takes it away. */
function quotaAfter(before: number | null, wanted: number | undefined): number | null {
  if (wanted === undefined) return before
  return wanted === 0 ? null : wanted
}

const definedOf = (given: object): object =>
  Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))

const remove =
  (deps: SecretDeps): Handler<'secretRole.delete'> =>
  async (permit) => {
    const { id, name } = await decidedRole(deps, permit)
    await deps.change(permit, async (tx) => {
      if (!(await removeRole(tx, id, deps.clock.now()))) throw new Refusal('not-found')
      await limitRenewals(tx, { roleId: id, secondsMax: null })
    })
    const { all } = await countLeasesOf(deps.db, { roleId: id, holderId: permit.principal.id })
    return { id, name, livingLeases: all }
  }

const list =
  ({ db, directory, providers }: SecretDeps): Handler<'secretRole.list'> =>
  async ({ input: { first, after, workspace, backend }, scope }) => {
    const within = workspace === undefined ? undefined : await directory.findWorkspaceId(db, workspace)
    const of = backend === undefined ? undefined : await readBackend(db, backend)
    if (within === null || of === null) return { items: [], nextCursor: null }
    const rows = await selectRoles(db, {
      workspaces: scope.workspaces.filter((id) => within === undefined || id === within),
      backendId: of?.id ?? null,
      after: after === undefined ? null : decodeUuidCursor(after),
      limit: first + 1,
    })
    return pageOf(
      rows.map((row) => toRole(row, providers)),
      first,
      (role) => [role.createdAt, role.id],
    )
  }
