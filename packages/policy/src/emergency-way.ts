import { baseContext, mergeEntities, ref, uid, type ActivePerson, type Slice } from '@gatehouse/enforcement'
import type { Store } from '@gatehouse/database'
import type { OperationName } from '@gatehouse/contract'
import { idOf } from './access/alike-workspaces.ts'
import { logIns } from './log-ins.ts'
import type { PreparedSet } from './prepared-set.ts'

/** Somebody whom policies let ask for emergency access, and those whom they let approve it. */
export interface EmergencyCircle {
  readonly asker: ActivePerson
  readonly voters: readonly ActivePerson[]
}

/** Why these voters are too few for who asks, in words; null: they are enough. */
export type CountCircle = (circle: EmergencyCircle) => string | null

/** What emergency access takes, as it is counted where it is given. */
export interface EmergencyNeeds {
  readCount(db: Store): Promise<CountCircle>
}

/** All that the way to emergency access hangs on, but for policies. */
export interface EmergencyFacts {
  readonly people: readonly ActivePerson[]
  readonly workspaces: readonly Slice[]
  readonly count: CountCircle
  /** Where they call from. */
  readonly address: string
  readonly now: Date
  /** Lets others have their turn between decisions. */
  readonly step: () => Promise<void>
}

/** When emergency access is closed by a set, where, and who is missing. */
export interface ClosedWay {
  readonly at: Date
  readonly environment: string
  /** In words. */
  readonly problem: string
}

const hourMilliseconds = 3_600_000
const hoursAWeek = 168
/** Who asks makes a difference by their teams alone; so many find out whether there is a way. */
const askersMax = 20
/** Of networks that policies name, so many addresses are tried beside the caller's own. */
const addressesMax = 5

/**
 * When and where in the week to come emergency access is closed by a set, and was not by the one before: no two people
 * whom the rule counts could approve it, or nobody could ask for it or begin it. Null: nowhere. Where the people
 * themselves are too few, no policy is to blame.
 */
export async function newlyClosed(
  { candidate, before }: { readonly candidate: PreparedSet; readonly before: PreparedSet },
  facts: EmergencyFacts,
): Promise<ClosedWay | null> {
  if (!(await isMetByPeople(facts))) return null
  for (const { environment, ...there } of eachHour(facts)) {
    if ((await findWay(candidate, there)).isOpen || !(await findWay(before, there)).isOpen) continue
    return { at: there.at, environment, problem: await whoIsMissing({ candidate, before }, there) }
  }
  return null
}

/** The same of a set by itself, whatever decided before it: when and where in the week to come it leaves no way. */
export async function closedBy(set: PreparedSet, facts: EmergencyFacts): Promise<ClosedWay | null> {
  if (!(await isMetByPeople(facts))) return null
  for (const { environment, ...there } of eachHour(facts)) {
    const { isOpen, problem } = await findWay(set, there)
    if (!isOpen) return { at: there.at, environment, problem }
  }
  return null
}

/** Each hour of the week to come, in each environment. */
function* eachHour(facts: EmergencyFacts): Generator<At & { readonly environment: string }> {
  for (const [environment, places] of byEnvironment(facts.workspaces))
    for (let hour = 0; hour < hoursAWeek; hour += 1)
      yield { ...facts, environment, places, at: new Date(facts.now.getTime() + hour * hourMilliseconds) }
}

type At = Omit<EmergencyFacts, 'workspaces'> & { readonly places: readonly Place[]; readonly at: Date }

const isMetByPeople = async ({ people, count, step }: EmergencyFacts): Promise<boolean> => {
  for (const asker of people.slice(0, askersMax)) {
    await step()
    if (count({ asker, voters: people.filter(({ id }) => id !== asker.id) }) === null) return true
  }
  return false
}

/** Whether somebody gets through, from the address of who calls or from one that the policies name. */
async function findWay(set: PreparedSet, at: At): Promise<{ readonly isOpen: boolean; readonly problem: string }> {
  let problem = 'nobody could ask for it and begin it'
  for (const address of addressesOf(set, at)) {
    const found = await findWayFrom(set, { ...at, address })
    if (found === null) return { isOpen: true, problem: '' }
    problem = found === '' ? problem : found
  }
  return { isOpen: false, problem }
}

/** Null: there is a way. The empty text: nobody may ask. Who cannot log in at that moment is not there. */
async function findWayFrom(set: PreparedSet, at: At): Promise<string | null> {
  const people = await whoLogsIn(set, at)
  let [asked, problem] = [0, '']
  for (const asker of people) {
    const workspace = workspaceOf(asker, at.places)
    if (workspace === null || !(await mayBegin(set, { asker, workspace, at }))) continue
    const voters: ActivePerson[] = []
    for (const voter of people) {
      if (voter.id === asker.id || !(await mayApprove(set, { asker, workspace, at }, voter))) continue
      voters.push(voter)
      if (at.count({ asker, voters }) === null) return null
    }
    problem ||= at.count({ asker, voters }) ?? ''
    asked += 1
    if (asked >= askersMax) break
  }
  return problem
}

async function whoLogsIn(set: PreparedSet, at: At): Promise<readonly ActivePerson[]> {
  const logsIn = logIns(set, at)
  const found: ActivePerson[] = []
  for (const person of at.people) if (await logsIn(person)) found.push(person)
  return found
}

interface Asking {
  readonly asker: ActivePerson
  readonly workspace: Slice
  readonly at: At
}

const mayBegin = async (set: PreparedSet, asking: Asking): Promise<boolean> =>
  (await may(set, asking, { who: asking.asker, action: 'breakGlass.request' })) &&
  may(set, asking, { who: asking.asker, action: 'breakGlass.activate' })

const mayApprove = (set: PreparedSet, asking: Asking, who: ActivePerson): Promise<boolean> =>
  may(set, asking, { who, action: 'breakGlass.approve' })

/** Names nothing that there is. */
const anyRequest = uid('BreakGlassRequest', '00000000-0000-0000-0000-000000000000')

async function may(
  set: PreparedSet,
  { asker, workspace, at }: Asking,
  { who, action }: { readonly who: ActivePerson; readonly action: OperationName },
): Promise<boolean> {
  await at.step()
  const self = uid('User', who.id)
  const parents = [...who.roles.map((role) => uid('Role', role)), ...who.teams.map((team) => uid('Team', team))]
  const asked = {
    uid: anyRequest,
    attrs: { workspace: ref('Workspace', workspace.resource.id), requester: ref('User', asker.id) },
    parents: [workspace.resource],
  }
  const { effect, errors } = set.evaluate({
    principal: self,
    action,
    resource: action === 'breakGlass.request' ? workspace.resource : anyRequest,
    context: baseContext({
      now: at.at,
      address: at.address,
      principalId: who.id,
      place: workspace.place ?? null,
      assurance: 'su',
      apiToken: false,
    }),
    entities: mergeEntities(
      [
        { uid: self, attrs: { hasAuthenticator: who.hasAuthenticator }, parents },
        ...parents.map((one) => ({ uid: one, attrs: {}, parents: [] })),
      ],
      action === 'breakGlass.request' ? workspace.entities : [asked, ...workspace.entities],
    ),
  })
  return effect === 'allow' && errors.length === 0
}

/** People lose what they do by name; that is who has to be let in again. */
async function whoIsMissing(
  { candidate, before }: { readonly candidate: PreparedSet; readonly before: PreparedSet },
  at: At,
): Promise<string> {
  const lost: string[] = []
  const [loggedIn, logsIn] = [logIns(before, at), logIns(candidate, at)]
  for (const who of at.people) {
    if ((await loggedIn(who)) && !(await logsIn(who))) lost.push(`${who.username} (log in)`)
    const workspace = workspaceOf(who, at.places)
    if (workspace === null) continue
    const own = { asker: who, workspace, at }
    const others = { ...own, asker: at.people.find(({ id }) => id !== who.id) ?? who }
    const actions = [
      ['breakGlass.request', own],
      ['breakGlass.activate', own],
      ['breakGlass.approve', others],
    ] as const
    for (const [action, asking] of actions)
      if ((await may(before, asking, { who, action })) && !(await may(candidate, asking, { who, action })))
        lost.push(`${who.username} (${action})`)
    if (lost.length >= namedMax) break
  }
  const { problem } = await findWay(candidate, at)
  return lost.length === 0 ? problem : `${problem}; missing: ${lost.slice(0, namedMax).join(', ')}`
}

/** So many are named; who reads it finds the policy by them. */
const namedMax = 6

/** One of a team of theirs, for shipped policies ask for that; else any. */
const workspaceOf = ({ teams }: ActivePerson, places: readonly Place[]): Slice | null =>
  (places.find((one) => teams.some((team) => one.teams.has(team))) ?? places[0])?.slice ?? null

/** A workspace, and the teams that it is for. */
interface Place {
  readonly slice: Slice
  readonly teams: ReadonlySet<string>
}

/** Each environment has a way of its own: policies tell workspaces by it, and by their teams. */
function byEnvironment(workspaces: readonly Slice[]): ReadonlyMap<string, readonly Place[]> {
  const groups = new Map<string, Place[]>()
  for (const slice of workspaces) {
    const own = slice.entities.find(({ uid: { type, id } }) => type === 'Workspace' && id === slice.resource.id)
    const environment = own?.parents[0]?.id ?? 'any environment'
    const teams = Array.isArray(own?.attrs.teams) ? own.attrs.teams.map(idOf) : []
    groups.set(environment, [...(groups.get(environment) ?? []), { slice, teams: new Set(teams) }])
  }
  return groups
}

/** A set that lets people approve from one network only is no lock-out: they are asked about as if they were there. */
function addressesOf({ set }: PreparedSet, { address, places }: At): readonly string[] {
  const named = set.policies.flatMap(({ text }) => [...text.matchAll(/\bip\("([0-9a-fA-F.:]+)/g)].map(([, one]) => one))
  const networks = places.flatMap(({ slice: { place } }) => place?.networks.map((one) => one.split('/')[0]) ?? [])
  return [...new Set([address, ...named, ...networks])].filter((one) => one !== undefined).slice(0, addressesMax)
}
