import { invalidField, ownApprovableActions, Refusal, type Input, type PlatformAction } from '@gatehouse/contract'
import type { Store } from '@gatehouse/database'
import type { UserPrincipal } from '@gatehouse/enforcement'
import { referenceOf } from '@gatehouse/kit'
import { selectUserId, selectUsername } from '../directory/user.queries.ts'
import { selectWorkspaceOf } from './approval.queries.ts'
import { hashesOfPlatformCall, hashesOfReset, inOneOrder, type PlatformCall } from './approved-call.ts'
import { requireAnother, type Asking } from './ask-approval.ts'

/** What a request names, before anything is looked up. */
export type Asked = Pick<
  Input<'approval.request'>,
  'action' | 'resource' | 'resourceType' | 'workspace' | 'parameters' | 'risk' | 'reason' | 'ticket'
>

/** A request as it will be stored and bound, by what it is about. */
export function askingOf(db: Store, user: UserPrincipal, asked: Asked): Promise<Asking> {
  const { action } = asked
  if (action === 'mfa.reset') return resetOf(db, user, asked)
  // what it would do is known where it is done
  if (isAskedByCall(action))
    throw invalidField('action', `another; call \`${action}\` itself, which asks for its approval`)
  return platformAskingOf(db, user, { ...asked, action })
}

type AskedByCall = Exclude<(typeof ownApprovableActions)[number], 'mfa.reset'>

const isAskedByCall = (action: Asked['action']): action is AskedByCall =>
  action !== 'mfa.reset' && (ownApprovableActions as readonly string[]).includes(action)

/** Another person's factors are to be taken away. */
async function resetOf(db: Store, user: UserPrincipal, asked: Asked): Promise<Asking> {
  const stray = (['resourceType', 'workspace'] as const).find((field) => asked[field] !== undefined)
  if (stray !== undefined) throw invalidField(stray, 'nothing: mfa.reset is about a person')
  if (asked.parameters.length > 0) throw invalidField('parameters', 'nothing: mfa.reset has none')
  const subjectId = await selectUserId(db, asked.resource)
  if (subjectId === null) throw new Refusal('not-found')
  const { reason, ticket } = asked
  return resetAsking(user, {
    subjectId,
    subjectName: await selectUsername(db, subjectId),
    reason,
    ticket: ticket ?? null,
  })
}

/** The same, where the person is known. */
export function resetAsking(
  user: UserPrincipal,
  about: { subjectId: string; subjectName: string; reason: string; ticket: string | null },
): Asking {
  const { subjectId, subjectName, reason, ticket } = about
  requireAnother({ requesterId: user.id, subjectId })
  return {
    action: 'mfa.reset',
    requesterId: user.id,
    requesterName: user.username,
    resource: { type: 'User', id: subjectId },
    resourceName: subjectName,
    subjectId,
    workspaceId: null,
    parameters: [],
    risk: 'high',
    hashes: hashesOfReset({ subjectId, reason }),
    reason,
    ticket,
  }
}

/** One exact call of the platform, named as its caller names it. */
export interface NamedCall {
  readonly action: PlatformAction
  readonly resource: string
  readonly resourceType: PlatformCall['resourceType']
  readonly workspace: string
  readonly parameters: readonly string[]
}

async function platformAskingOf(
  db: Store,
  user: UserPrincipal,
  asked: Asked & { readonly action: PlatformAction },
): Promise<Asking> {
  const { resourceType, workspace: reference, risk, reason, ticket } = asked
  if (resourceType === undefined) throw invalidField('resourceType', `what \`${asked.resource}\` is, such as Server`)
  if (reference === undefined) throw invalidField('workspace', 'the workspace that it stands in')
  // whoever does not see a workspace is told what they would be told if there were none
  const all = user.roles.includes('Admin')
  const workspace = await selectWorkspaceOf(db, { reference: referenceOf(reference), userId: user.id, all })
  if (workspace === null) throw invalidField('workspace', `a workspace of your teams; \`${reference}\` is none`)
  const parameters = inOneOrder(asked.parameters)
  const call = { action: asked.action, resourceType, resourceId: asked.resource, workspaceId: workspace.id, parameters }
  return {
    action: asked.action,
    requesterId: user.id,
    requesterName: user.username,
    resource: { type: resourceType, id: asked.resource },
    resourceName: [`${resourceType} ${asked.resource} in ${workspace.name}`, ...parameters].join(', '),
    subjectId: null,
    workspaceId: workspace.id,
    parameters,
    risk,
    hashes: hashesOfPlatformCall(call),
    reason,
    ticket: ticket ?? null,
  }
}
