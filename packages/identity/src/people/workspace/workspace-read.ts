import { decodeCursor, pageOf, Refusal } from '@gatehouse/contract'
import type { Handler } from '@gatehouse/enforcement'
import type { HandlerDeps } from '../../shared/deps.ts'
import { resourceId } from '../../shared/identifiers.ts'
import { describeWorkspace, selectWorkspace, selectWorkspaces } from '../../directory/workspace.queries.ts'

/** Lists the workspaces that the caller may see, newest first. */
export const workspaceList =
  ({ db }: HandlerDeps): Handler<'workspace.list'> =>
  async (permit) => {
    const { first, after } = permit.input
    const ids = [...permit.scope.workspaces, ...permit.scope.ownIn]
    const rows = await selectWorkspaces(db, { ids, first, after: after === undefined ? null : decodeCursor(after) })
    return pageOf(rows.map(describeWorkspace), first, (workspace) => [workspace.createdAt, workspace.id])
  }

/** One workspace. */
export const workspaceGet =
  ({ db }: HandlerDeps): Handler<'workspace.get'> =>
  async (permit) => {
    const row = await selectWorkspace(db, resourceId(permit))
    if (row === null) throw new Refusal('not-found')
    return describeWorkspace(row)
  }
