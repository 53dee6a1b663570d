import {
  operations,
  publicOperationNames,
  reaches,
  type Assurance,
  type ContextValue,
  type Operation,
  type OperationName,
  type Output,
} from '@gatehouse/contract'
import {
  apiTokenOf,
  assuranceOf,
  baseContext,
  mayRecover,
  mergeEntities,
  principalEntities,
  scopesAdmit,
  uid,
  type Decider,
  type Place,
  type Principal,
  type Slice,
} from '@gatehouse/enforcement'
import { alikeWorkspaces } from './alike-workspaces.ts'
import type { Pace } from './pace.ts'
import type { PolicyLiterals } from './policy-literals.ts'
import { isInWorkspace, samplesOf, underId, type Sample } from './samples.ts'

type AccessMine = Output<'access.mine'>
type AccessToOperation = AccessMine['operations'][number]
export type Access = AccessToOperation['access']

/** Who asks, from where, when. */
export interface AccessCaller {
  readonly principal: Principal
  readonly address: string
  readonly now: Date
}

export interface AccessDeps {
  readonly decider: Decider
  readonly literals: PolicyLiterals
  readonly pace: Pace
  /** Every workspace there is. */
  readonly workspaces: readonly Slice[]
}

/**
 * What the caller may do, by asking the policies about a sample of each kind of thing, in each workspace. Never used to
 * enforce: it says where to look, and each call is decided for itself.
 */
export async function accessOf(deps: AccessDeps, caller: AccessCaller): Promise<AccessToOperation[]> {
  const groups = alikeWorkspaces(deps, caller)
  const visible = await visibleWorkspaces(deps, caller, groups)
  const answers: AccessToOperation[] = []
  for (const name of publicOperationNames) answers.push(await accessTo(deps, caller, { name, groups, visible }))
  return answers
}

type Groups = readonly (readonly [Slice, ...Slice[]])[]

/** How a workspace is seen: by a person as itself, by a program by its hosts. */
const sightings: readonly OperationName[] = ['workspace.get', 'sshHost.list']

/** A workspace that the caller may not see is not named to them. */
async function visibleWorkspaces(deps: AccessDeps, caller: AccessCaller, groups: Groups): Promise<ReadonlySet<string>> {
  const visible = new Set<string>()
  const sighting = sightings.find((name) => operations[name].authorize.principals.includes(caller.principal.type))
  if (sighting === undefined) return visible
  for (const group of groups) {
    const samples = samplesFor(deps, caller, { name: sighting, workspace: group[0] })
    const seen = await ask(deps, caller, { name: sighting, samples, place: group[0].place ?? null, ownOnly: false })
    if (seen === 'denied') continue
    for (const { resource } of group) visible.add(resource.id)
  }
  return visible
}

async function accessTo(
  deps: AccessDeps,
  caller: AccessCaller,
  { name, groups, visible }: { name: OperationName; groups: Groups; visible: ReadonlySet<string> },
): Promise<AccessToOperation> {
  const operation = operations[name]
  if (!mayEver(name, caller.principal)) return { operation: name, access: 'denied', workspaces: [] }
  const { resource } = operation.authorize
  if (!isInWorkspace(resource)) {
    return { operation: name, access: await outsideWorkspaces(deps, caller, name), workspaces: [] }
  }
  const found: { workspace: string; access: Access }[] = []
  for (const group of groups) {
    const access = await inWorkspace(deps, caller, { name, workspace: group[0] })
    for (const one of group) found.push({ workspace: one.resource.id, access })
  }
  const beyond = resource === 'AuditEntry' ? [await outsideWorkspaces(deps, caller, name)] : []
  const access = together([...found.map((one) => one.access), ...beyond])
  const differing = found.filter((one) => one.access !== access && visible.has(one.workspace))
  return { operation: name, access, workspaces: differing }
}

/** What no policy changes: whom the operation is for, a token's scopes, and the floor that no proof reaches. */
function mayEver(name: OperationName, principal: Principal): boolean {
  const { authorize, assurance } = operations[name]
  if (!authorize.principals.includes(principal.type)) return false
  const token = apiTokenOf(principal)
  const open = authorize.principals.includes('Anonymous')
  if (token !== null && !open && !scopesAdmit(token.scopes, name)) return false
  return reaches(asIfFresh(principal), assurance)
}

/** A person who is logged in can prove a factor again; a token never can. */
function asIfFresh(principal: Principal): Assurance {
  if (principal.type === 'User' && principal.apiToken === undefined) return 'su'
  return assuranceOf(principal, new Date(0), 0)
}

const outsideWorkspaces = (deps: AccessDeps, caller: AccessCaller, name: OperationName): Promise<Access> =>
  ask(deps, caller, { name, samples: samplesFor(deps, caller, { name, workspace: null }), place: null, ownOnly: false })

async function inWorkspace(
  deps: AccessDeps,
  caller: AccessCaller,
  { name, workspace }: { name: OperationName; workspace: Slice },
): Promise<Access> {
  const samples = samplesFor(deps, caller, { name, workspace })
  const place = workspace.place ?? null
  const whole = await ask(deps, caller, { name, samples, place, ownOnly: false })
  if (whole !== 'denied' || !isList(operations[name])) return whole
  const own = await ask(deps, caller, { name, samples, place, ownOnly: true })
  return own === 'denied' ? 'denied' : 'depends'
}

const isList = ({ authorize }: Operation): boolean => authorize.resource === 'Workspace' && authorize.id === undefined

/** Where the declaration itself names the caller as what is acted on, nothing else can be meant. */
function samplesFor(
  { literals }: AccessDeps,
  { principal }: AccessCaller,
  { name, workspace }: { name: OperationName; workspace: Slice | null },
): readonly Sample[] {
  const { authorize } = operations[name]
  const samples = samplesOf(authorize.resource, principal, workspace)
  if (authorize.resource === 'Workspace' || authorize.resource === 'System') return samples
  if (namesCaller(operations[name], principal)) return samples.filter(({ resource }) => resource.id === principal.id)
  return [...samples, ...literals.idsOf(authorize.resource).flatMap((id) => underId(samples, id))]
}

const anyInput: Readonly<Record<string, unknown>> = new Proxy({}, { get: () => 'what-the-input-says' })

/** True when the resource is the caller whatever the input says. */
const namesCaller = ({ authorize }: Operation, principal: Principal): boolean =>
  // a declaration's own function of its own input, asked with an input that has every field
  authorize.id?.(anyInput as never, { principalId: principal.id, sessionId: null }) === principal.id

interface Question {
  readonly name: OperationName
  readonly samples: readonly Sample[]
  /** Of the workspace that the samples stand in. */
  readonly place: Place | null
  readonly ownOnly: boolean
}

async function ask(
  deps: AccessDeps,
  caller: AccessCaller,
  { name, samples, place, ownOnly }: Question,
): Promise<Access> {
  const { principal } = caller
  const base = {
    ...baseContext({
      now: caller.now,
      address: caller.address,
      principalId: principal.id,
      place,
      assurance: asIfFresh(principal),
      apiToken: apiTokenOf(principal) !== null,
      ownOnly,
      recovery: mayRecover(principal, caller.now),
    }),
  }
  const answers: Access[] = []
  for (const { resource, entities } of samples) {
    for (const input of inputsOf(deps.literals, operations[name])) {
      await deps.pace.step()
      const { effect } = deps.decider.decide({
        principal: uid(principal.type, principal.id),
        action: name,
        resource,
        context: { ...base, ...input },
        entities: mergeEntities(principalEntities(principal), entities),
      })
      answers.push(effect === 'allow' ? 'allowed' : 'denied')
    }
  }
  return together(answers)
}

/** The input's facts as policies may ask for them: each value once, the others at their first. */
function inputsOf(literals: PolicyLiterals, { authorize }: Operation): Record<string, ContextValue>[] {
  const fields = Object.entries(authorize.contextTypes ?? {}).map(
    ([field, type]) => [field, literals.valuesOf(field, type)] as const,
  )
  const first = Object.fromEntries(fields.map(([field, [value = '']]) => [field, value]))
  return [first, ...fields.flatMap(([field, values]) => values.slice(1).map((value) => ({ ...first, [field]: value })))]
}

/** One word for many answers; nothing to act on is nothing allowed. */
function together(answers: readonly Access[]): Access {
  if (answers.length === 0) return 'denied'
  const [first = 'denied'] = answers
  return answers.every((answer) => answer === first) ? first : 'depends'
}
