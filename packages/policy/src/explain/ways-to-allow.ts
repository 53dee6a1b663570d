import { isOperationName, operations, reaches, roles, type Assurance } from '@gatehouse/contract'
import {
  mergeEntities,
  ref,
  uid,
  type CedarEntity,
  type CedarValue,
  type DecisionRequest,
  type Place,
} from '@gatehouse/enforcement'
import { writeOpenHours } from '@gatehouse/kit'

/** Tells whether a request would be allowed. */
export type Decides = (request: DecisionRequest) => boolean

/** Something that could be otherwise, in words, and the request as it would be then. */
interface Change {
  readonly words: string
  /** Two of a kind are alternatives. */
  readonly kind: string
  readonly apply: (request: DecisionRequest) => DecisionRequest
}

/** Three things at once are as many as anybody would try. */
const atOnceMax = 3
/** Ways that one answer names. */
const waysMax = 8

/** One way to get an allow: in words, and the request as it would be. */
export interface Way {
  readonly words: string
  readonly request: DecisionRequest
}

/** How ways are looked for. */
export interface WaysOptions {
  readonly decides: Decides
  readonly place: Place | null
  /** Awaited before each decision, so that others have their turn. */
  readonly step: () => Promise<void>
}

/**
 * What would make a denied request allowed: each change, and each few of them, is tried on the policies themselves. Of
 * the ways that are found none holds another.
 */
export const waysToAllow = (request: DecisionRequest, options: WaysOptions): Promise<readonly Way[]> =>
  waysAmong(changesOf(request, options.place), request, options)

/**
 * The same by what is about the call alone: a proof, the hour, the place, an approval, a reason. Who they are stays:
 * another role or team would make anybody do anything. Whom neither any one of these helps nor all of them together is
 * not asked about further.
 */
export async function waysByCircumstances(request: DecisionRequest, options: WaysOptions): Promise<readonly Way[]> {
  const changes = aboutTheCall(request, options.place)
  // of alternatives the last, which is the stronger
  const byKind = new Map(changes.map((change) => [change.kind, change]))
  const all = wayOf([...byKind.values()], request)
  if (!(await anyAllows([...changes.map((one) => wayOf([one], request)), all], options))) return []
  const ways = await waysAmong(changes, request, options)
  return ways.length > 0 ? ways : [all]
}

async function anyAllows(ways: readonly Way[], { decides, step }: WaysOptions): Promise<boolean> {
  for (const { request } of ways) {
    await step()
    if (reachesFloor(request) && decides(request)) return true
  }
  return false
}

const wayOf = (some: readonly Change[], request: DecisionRequest): Way => ({
  words: some.map(({ words }) => words).join(', and '),
  request: some.reduce((changed, { apply }) => apply(changed), request),
})

async function waysAmong(
  changes: readonly Change[],
  request: DecisionRequest,
  options: WaysOptions,
): Promise<readonly Way[]> {
  const found: { readonly some: readonly Change[]; readonly way: Way }[] = []
  for (let size = 1; size <= atOnceMax && found.length < waysMax; size += 1) {
    for (const some of combinations(changes, size)) {
      if (found.length >= waysMax) break
      if (found.some((one) => one.some.every((change) => some.includes(change)))) continue
      const way = wayOf(some, request)
      if (await anyAllows([way], options)) found.push({ some, way })
    }
  }
  return found.map(({ way }) => way)
}

function* combinations(changes: readonly Change[], size: number): Generator<readonly Change[]> {
  if (size === 0) {
    yield []
    return
  }
  for (const [index, change] of changes.entries())
    for (const rest of combinations(changes.slice(index + 1), size - 1))
      if (!rest.some(({ kind }) => kind === change.kind)) yield [change, ...rest]
}

/** The floor of an operation is none of the policies'. */
const reachesFloor = ({ action, context }: DecisionRequest): boolean =>
  !isOperationName(action) || reaches(assuranceIn(context), operations[action].assurance)

/** How strongly the caller of a request was proved. */
export function assuranceIn(context: DecisionRequest['context']): Assurance {
  if (context['mfaFresh'] === true) return 'su'
  return context['mfa'] === true ? 'mfa' : 'pw'
}

function changesOf(request: DecisionRequest, place: Place | null): readonly Change[] {
  return [
    ...proofsOf(request),
    ...memberships(request),
    ...circumstances(request, place),
    ...(isPerson(request) ? [...newRoles(request), ...approvals(request)] : []),
  ]
}

const aboutTheCall = (request: DecisionRequest, place: Place | null): readonly Change[] => [
  ...proofsOf(request),
  ...circumstances(request, place),
  ...(isPerson(request) ? approvals(request) : []),
]

const isPerson = ({ principal }: DecisionRequest): boolean => principal.type === 'User'

const proofsOf = (request: DecisionRequest): readonly Change[] =>
  isPerson(request) ? proofs(request) : programs(request)

const withContext =
  (fields: Readonly<Record<string, CedarValue>>) =>
  (request: DecisionRequest): DecisionRequest => ({ ...request, context: { ...request.context, ...fields } })

const proofs = ({ context }: DecisionRequest): readonly Change[] =>
  context['apiToken'] === true
    ? [
        {
          words: 'log in instead of using an API token, with a second factor',
          kind: 'proof',
          apply: withContext({ apiToken: false, mfa: true, mfaFresh: true }),
        },
      ]
    : [{ words: 'prove a second factor now', kind: 'proof', apply: withContext({ mfa: true, mfaFresh: true }) }]

const programs = (request: DecisionRequest): readonly Change[] => [
  {
    words: 'use a token that is bound to addresses or to a key',
    kind: 'proof',
    apply: (asked) => ({
      ...withContext({ mfa: true })(asked),
      entities: asked.entities.map((one) =>
        isSame(one, request.principal) ? { ...one, attrs: { ...one.attrs, bound: true } } : one,
      ),
    }),
  },
]

const isSame = ({ uid: one }: CedarEntity, two: { readonly type: string; readonly id: string }): boolean =>
  one.type === two.type && one.id === two.id

const workspaceIn = ({ entities }: DecisionRequest): CedarEntity | undefined =>
  entities.find((one) => one.uid.type === 'Workspace')

/** The teams that see the workspace. */
function teamsOf(workspace: CedarEntity): readonly string[] {
  const { teams } = workspace.attrs
  if (!Array.isArray(teams)) return []
  return teams.flatMap((team: CedarValue) =>
    typeof team === 'object' && '__entity' in team ? [(team['__entity'] as { readonly id: string }).id] : [],
  )
}

function memberships(request: DecisionRequest): readonly Change[] {
  const workspace = workspaceIn(request)
  const team = workspace === undefined ? undefined : teamsOf(workspace)[0]
  if (workspace === undefined || team === undefined) return []
  return [
    {
      words: `be a member of a team that sees workspace ${workspace.uid.id}`,
      kind: 'team',
      apply: withParents((parents) => [...parents, uid('Team', team)]),
    },
  ]
}

type Parents = CedarEntity['parents']

const withParents =
  (change: (parents: Parents) => Parents) =>
  (request: DecisionRequest): DecisionRequest => ({
    ...request,
    entities: mergeEntities(
      request.entities.map((one) => (isSame(one, request.principal) ? { ...one, parents: change(one.parents) } : one)),
      change([]).map((parent): CedarEntity => ({ uid: parent, attrs: {}, parents: [] })),
    ),
  })

const newRoles = (request: DecisionRequest): readonly Change[] => {
  const held = request.entities
    .filter((one) => isSame(one, request.principal))
    .flatMap(({ parents }) => parents.filter(({ type }) => type === 'Role').map(({ id }) => id))
  return roles
    .filter((role) => !held.includes(role))
    .map((role) => ({
      words: held.length === 0 ? `have the role ${role}` : `have the role ${role} instead of ${held.join(', ')}`,
      kind: 'role',
      apply: withParents((parents) => [...parents.filter(({ type }) => type !== 'Role'), uid('Role', role)]),
    }))
}

const noon = 12

function circumstances({ context }: DecisionRequest, place: Place | null): readonly Change[] {
  const hours = place === null ? 'within the business hours of the workspace' : hoursOf(place)
  const open = { businessHours: true, weekend: false, holiday: false, localHour: noon, localDay: 'wed', hour: noon }
  const networks = place === null || place.networks.length === 0 ? '' : ` (${place.networks.join(', ')})`
  return [
    { words: `do it ${hours}`, kind: 'hour', apply: withContext({ ...open, dayOfWeek: 'wed' }) },
    { words: 'be on call there', kind: 'call', apply: withContext({ onCall: true }) },
    {
      words: `call from the corporate network${networks}`,
      kind: 'network',
      apply: withContext({ corporateNetwork: true }),
    },
    ...(context['justification'] === ''
      ? [{ words: 'give a justification', kind: 'why', apply: withContext({ justification: 'a reason' }) }]
      : []),
    ...(context['force'] === true
      ? [{ words: 'do it without force', kind: 'force', apply: withContext({ force: false }) }]
      : []),
  ]
}

const hoursOf = ({ businessHours, timeZone }: Place): string =>
  businessHours.length === 0
    ? 'within the business hours of the workspace, which has none'
    : `between ${writeOpenHours(businessHours)} ${timeZone}`

const approver = 'a-second-person'
const approverWords = { Operator: 'an Operator', Admin: 'an Admin, of high risk' } as const

/** A second person's yes to this very call, with a ticket: of an Operator where that is enough, else of an Admin. */
function approvals(request: DecisionRequest): readonly Change[] {
  const workspace = workspaceIn(request)
  if (!('justification' in request.context) || 'approval' in request.context || workspace === undefined) return []
  return (['Operator', 'Admin'] as const).map((role) => ({
    words: `an approval of this very call by ${approverWords[role]}, with a ticket`,
    kind: 'approval',
    apply: (asked) => ({
      ...withContext({ approval: ref('Approval', 'an-approval') })(asked),
      entities: mergeEntities(asked.entities, [
        {
          uid: uid('Approval', 'an-approval'),
          attrs: {
            action: asked.action,
            risk: role === 'Admin' ? 'high' : 'medium',
            requester: ref('User', asked.principal.id),
            approver: ref('User', approver),
            ticket: 'OPS-1',
            workspace: ref('Workspace', workspace.uid.id),
          },
          parents: [workspace.uid],
        },
        { uid: uid('User', approver), attrs: { hasAuthenticator: true }, parents: [uid('Role', role)] },
        { uid: uid('Role', role), attrs: {}, parents: [] },
      ]),
    }),
  }))
}
