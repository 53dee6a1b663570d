import { invalidField, Refusal } from '@gatehouse/contract'
import { uid, type Handler } from '@gatehouse/enforcement'
import type { HandlerDeps } from '../../shared/deps.ts'
import { resourceId } from '../../shared/identifiers.ts'
import { requireTeams } from '../../directory/require-teams.ts'
import { describeAccount, insertAccount, requireAccount, updateAccount } from './service-account.queries.ts'

/** Names of our own processes: in the audit log, nobody else is called so. */
const ownNames: ReadonlySet<string> = new Set(['gateway', 'worker', 'console'])

/** Adds an account of a program. It may nothing until it has a token, and sees nothing outside its teams. */
export const serviceAccountCreate =
  ({ change, clock, random }: HandlerDeps): Handler<'serviceAccount.create'> =>
  async (permit) => {
    const { name, description } = permit.input
    if (ownNames.has(name)) throw invalidField('name', 'another name; this one is of a part of Gatehouse')
    const id = random.id()
    const row = await change(
      permit,
      async (tx) => {
        const now = clock.now()
        const teamIds = await requireTeams(tx, permit.input.teams)
        if (!(await insertAccount(tx, { id, name, description, teamIds, now })))
          throw new Refusal('conflict', { fields: [{ path: 'name', message: 'another name; this one is taken' }] })
        return requireAccount(tx, { id, now })
      },
      () => ({ resource: uid('ServiceAccount', id) }),
    )
    return describeAccount(row)
  }

/**
 * Changes what a program is for, or its teams; the teams given take the place of those it has, from its next call on.
 */
export const serviceAccountUpdate =
  ({ change, clock }: HandlerDeps): Handler<'serviceAccount.update'> =>
  async (permit) => {
    const { description, teams } = permit.input
    if (description === undefined && teams === undefined)
      throw invalidField('description', 'a description or teams: there is nothing to change')
    const id = resourceId(permit)
    const row = await change(permit, async (tx) => {
      const teamIds = teams === undefined ? undefined : await requireTeams(tx, teams)
      await updateAccount(tx, { id, description, teamIds })
      return requireAccount(tx, { id, now: clock.now() })
    })
    return describeAccount(row)
  }
