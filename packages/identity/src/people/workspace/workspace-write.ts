import { invalidField, Refusal, type Output } from '@gatehouse/contract'
import type { Transaction } from '@gatehouse/database'
import { uid, type Handler } from '@gatehouse/enforcement'
import { defaultWorkspace } from '../../directory/default-workspace.ts'
import { requireTeams } from '../../directory/require-teams.ts'
import {
  archiveWorkspace,
  describeWorkspace,
  insertWorkspace,
  replaceTeams,
  selectWorkspace,
  updateWorkspace,
} from '../../directory/workspace.queries.ts'
import type { HandlerDeps } from '../../shared/deps.ts'
import { resourceId } from '../../shared/identifiers.ts'

/** Makes a workspace. Its teams see it from their next request on. */
export const workspaceCreate =
  ({ change, clock, random }: HandlerDeps): Handler<'workspace.create'> =>
  (permit) => {
    const { name, environment, teams } = permit.input
    const id = random.id()
    return change(
      permit,
      async (tx) => {
        const teamIds = await requireTeams(tx, teams)
        if (!(await insertWorkspace(tx, { id, name, environment, teamIds, now: clock.now() }))) throw nameTaken()
        return requireWorkspace(tx, id)
      },
      () => ({ resource: uid('Workspace', id), workspace: id }),
    )
  }

/** Changes what is given. Who is decided at this moment is decided again on what is there then. */
export const workspaceUpdate =
  ({ change }: HandlerDeps): Handler<'workspace.update'> =>
  (permit) => {
    const { name, teams, environment } = permit.input
    if (name === undefined && teams === undefined && environment === undefined)
      throw invalidField('name', 'a name, teams or an environment: there is nothing to change')
    const id = resourceId(permit)
    return change(permit, async (tx) => {
      if (!(await updateWorkspace(tx, { id, name, environment }))) throw nameTaken()
      if (teams !== undefined) await replaceTeams(tx, id, await requireTeams(tx, teams))
      return requireWorkspace(tx, id)
    })
  }

/**
 * Archives a workspace. Nothing may live in it: lists show what stands in workspaces that are there, and a credential
 * that no list shows would be forgotten.
 */
export const workspaceArchive =
  ({ change, clock, contents }: HandlerDeps): Handler<'workspace.archive'> =>
  async (permit) => {
    const id = resourceId(permit)
    if (id === defaultWorkspace) throw new Refusal('conflict', { hint: 'the default workspace stays' })
    await change(permit, async (tx) => {
      const { credentials, hosts, keys, roles } = await contents.of(tx, id)
      if (credentials + hosts + keys + roles > 0)
        throw new Refusal('conflict', {
          hint:
            `${credentials} active credentials, ${hosts} hosts, ${keys} keys and ${roles} secret roles are in it; ` +
            'revoke and remove them, and schedule the deletion of keys ' +
            '(gatehouse lease list, ssh-host list, kms-key list, secret-role list)',
        })
      if (!(await archiveWorkspace(tx, { id, now: clock.now() }))) throw new Refusal('not-found')
    })
    return { id, archived: true }
  }

const nameTaken = (): Refusal =>
  new Refusal('conflict', {
    fields: [{ path: 'name', message: 'another name; this one is taken, perhaps by an archived workspace' }],
  })

async function requireWorkspace(tx: Transaction, id: string): Promise<Output<'workspace.get'>> {
  const row = await selectWorkspace(tx, id)
  if (row === null) throw new Refusal('not-found')
  return describeWorkspace(row)
}
