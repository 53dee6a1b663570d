import { decodeUuidCursor, pageOf, Refusal, type Input, type Output } from '@gatehouse/contract'
import type { Store } from '@gatehouse/database'
import type { Clock, Directory, Handler, HandlersOf, Permit, Principal } from '@gatehouse/enforcement'
import { asToldToCaller } from './as-told.ts'
import type { CheckpointKey } from './checkpoint-key.ts'
import { readNewestCheckpoint } from './checkpoint.queries.ts'
import { createTurns, referenceOf } from '@gatehouse/kit'
import { presentEntry } from './present-entry.ts'
import { findEntry, searchEntries, type FoundEntry, type SearchFilters, type Sight } from './search.queries.ts'
import type { SubjectKeys } from './subject-keys.ts'
import { emptyRoot } from './verify.ts'
import { verifyRecord } from './verify-record.ts'
import { parseWhen } from './when.ts'

export interface AuditHandlerDeps {
  readonly db: Store
  /** Where a whole audit log may be read: its statements take long, and hold no connection that calls wait for. */
  readonly records: Store
  readonly key: CheckpointKey
  readonly subjectKeys: SubjectKeys
  readonly clock: Clock
  readonly directory: Pick<Directory<Store>, 'findUserId' | 'findWorkspaceId'>
}

/**
 * Verifications that may wait for the one that runs. Each reads the whole record, so two at once only slow each other
 * down.
 */
const verificationsWaitingMax = 8

/** Everything that is asked of the record. */
export function auditHandlers(deps: AuditHandlerDeps): HandlersOf<'audit'> {
  return {
    'audit.search': search(deps),
    'audit.get': get(deps),
    'audit.verify': verify(deps),
    'audit.checkpoint': checkpoint(deps),
  }
}

const search =
  (deps: AuditHandlerDeps): Handler<'audit.search'> =>
  async (permit) => {
    const { first, after, ...filters } = permit.input
    const sight = sightOf(permit)
    const rows = await searchEntries(deps, {
      sight,
      filters: await filtersOf(deps, filters),
      after: after === undefined ? null : decodeUuidCursor(after),
      limit: first + 1,
    })
    return pageOf(
      rows.map((row) => presentedTo(permit.principal, row)),
      first,
      (item) => [item.at, item.id],
    )
  }

/** Roles that see what belongs to the whole System. */
const systemRoles: ReadonlySet<string> = new Set(['Admin', 'Auditor'])

/**
 * Lists are decided per `Workspace`, so policy has said nothing about entries without one. They are shown to Admins and
 * Auditors, whom
 * every policy set of ours lets read the whole record, and only while their scope really is whole workspaces.
 */
function sightOf({ principal, scope }: Permit<'audit.search'>): Sight {
  const everything = scope.workspaces.length > 0 && seesEverything(principal)
  return { principalId: principal.id, workspaces: scope.workspaces, ownIn: scope.ownIn, everything }
}

const seesEverything = (principal: Principal): boolean =>
  principal.type === 'User' && principal.roles.some((role) => systemRoles.has(role))

/** The filters with ids for names and moments for texts. */
async function filtersOf(
  { db, clock, directory }: AuditHandlerDeps,
  { from, to, actor, workspace, ...rest }: Omit<Input<'audit.search'>, 'first' | 'after'>,
): Promise<SearchFilters> {
  const now = clock.now()
  return {
    ...rest,
    actor: actor === undefined ? undefined : { text: actor, userId: await directory.findUserId(db, actor) },
    workspaces: workspace === undefined ? undefined : await workspaceIds({ db, directory }, workspace),
    from: from === undefined ? undefined : parseWhen('from', from, now),
    to: to === undefined ? undefined : parseWhen('to', to, now),
  }
}

/** By id, also where the workspace is gone; or by today's name. */
async function workspaceIds(
  { db, directory }: Pick<AuditHandlerDeps, 'db' | 'directory'>,
  reference: string,
): Promise<string[]> {
  const ids = [referenceOf(reference).id, await directory.findWorkspaceId(db, reference)]
  return ids.filter((id) => id !== null)
}

const get =
  (deps: AuditHandlerDeps): Handler<'audit.get'> =>
  async (permit) => {
    const row = permit.slice === null ? null : await findEntry(deps, permit.slice.resource.id)
    if (row === null) throw new Refusal('not-found')
    return presentedTo(permit.principal, row)
  }

/** Whoever reads the whole audit log reads all of an entry; everybody else, of their own, what they were told. */
function presentedTo(reader: Principal, row: FoundEntry): Output<'audit.get'> {
  const entry = presentEntry(row)
  return seesEverything(reader) || entry.principal.id !== reader.id ? entry : asToldToCaller(entry, row)
}

const verify = ({ records, key, subjectKeys }: AuditHandlerDeps): Handler<'audit.verify'> => {
  const turns = createTurns()
  return async ({ input }) => {
    if (turns.waiting() >= verificationsWaitingMax)
      throw new Refusal('unavailable', { hint: 'others ask for the same; try again in a minute' })
    const verdict = await turns.take(() =>
      verifyRecord({ db: records, key, subjectKeys, remembered: input.remembered ?? null }),
    )
    return { ...verdict, root: verdict.root.toString('base64'), problems: [...verdict.problems] }
  }
}

const checkpoint =
  ({ db, key }: AuditHandlerDeps): Handler<'audit.checkpoint'> =>
  async () => {
    const newest = await readNewestCheckpoint(db)
    return {
      size: newest?.size ?? 0,
      root: (newest?.root ?? emptyRoot).toString('base64'),
      at: newest?.signedAt ?? null,
      checkpoint: newest?.note ?? null,
      publicKey: key.publicKey,
    }
  }
