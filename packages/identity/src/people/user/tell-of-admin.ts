import type { Role } from '@gatehouse/contract'
import type { Transaction } from '@gatehouse/database'
import type { AnyPermit } from '@gatehouse/enforcement'
import { selectSecondPeople } from '../../approvals/approval.queries.ts'
import { notify } from '../../notices/notice.queries.ts'
import type { HandlerDeps } from '../../shared/deps.ts'
import { callingUser } from '../../shared/identifiers.ts'

/**
 * Tells the other Admins that somebody was made one: they have a day to look into it before the new one counts as a
 * second person (threat D3). Any other role is nobody else's matter.
 */
export async function tellOfAdmin(
  tx: Transaction,
  deps: HandlerDeps,
  made: {
    readonly permit: Pick<AnyPermit, 'principal'>
    readonly userId: string
    readonly username: string
    readonly role: Role
  },
): Promise<void> {
  if (made.role !== 'Admin') return
  const { id, username } = callingUser(made.permit)
  for (const userId of await selectSecondPeople(tx, { except: [id, made.userId], workspaceId: null })) {
    await notify(tx, deps, {
      userId,
      kind: 'roleChanged',
      text:
        `${username} made ${made.username} an Admin, who can approve requests in a day. If you did not expect it, ` +
        `ask them, and take the role away meanwhile (gatehouse role remove ${made.username} --role Admin).`,
    })
  }
}
