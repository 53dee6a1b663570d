import { invalidField, lockedRefusal, operations, pageOf, decodeUuidCursor, Refusal } from '@gatehouse/contract'
import type { Transaction } from '@gatehouse/database'
import { uid, type AnyPermit, type Handler, type UserPrincipal } from '@gatehouse/enforcement'
import { nameIncident } from '@gatehouse/incidents'
import { selectTeamNames, selectWorkspaceName, tellPeople } from '@gatehouse/identity'
import { countRequest, votersOf, whyNotVoter } from './counting.ts'
import type { BreakGlassDeps } from './deps.ts'
import { writeDocument, type RequestDocument } from './document.ts'
import {
  countOpenOf,
  countTakenBack,
  findRequest,
  holdRequest,
  insertRequest,
  moveRequest,
  rewriteRequest,
  selectRequests,
  selectRequestStats,
  type RequestRow,
} from './request.queries.ts'
import { countSessions } from './session.queries.ts'
import { requestColumns, stepRow } from './standings.ts'
import { newDrill, newRequest, type RequestEvent, type RequestStanding } from './transitions.ts'
import { showRequest, showRequests } from './view.ts'

/** Nobody has more emergencies at once; more would only fill everybody's notices (threat D5). */
const openMax = 3
/** A drill takes nobody's place in an emergency; two at once measure nothing. */
const drillsOpenMax = 1
/**
 * So often within an hour somebody takes a request back or changes one: everybody who can vote and every channel hears
 * of each, and the emergencies of others stand behind them (threat D5).
 */
const takenBackMax = 20
const takenBackMs = 3_600_000
/** Names of who can vote that a page shows. */
const votersShownMax = 50
const daySeconds = 86_400

/** The person who calls: the declarations admit nobody else. */
export function callingPerson({ principal }: Pick<AnyPermit, 'principal'>): UserPrincipal {
  if (principal.type !== 'User') throw new Refusal('unauthenticated')
  return principal
}

/** The decided thing's id. */
export function decidedId({ slice }: Pick<AnyPermit, 'slice'>): string {
  if (slice === null) throw new Refusal('not-found')
  return slice.resource.id
}

/** Asks for emergency access. Whoever can approve it is told in the same transaction. */
export const breakGlassRequest =
  (deps: BreakGlassDeps): Handler<'breakGlass.request'> =>
  async (permit) => {
    const { row } = await deps.change(
      permit,
      async (tx) => ({ row: await ask(tx, deps, { permit, asked: { ...permit.input, drill: false } }) }),
      (asked) => ({
        resource: uid('BreakGlassRequest', asked.row.id),
        detail: { request: asked.row.id, hash: asked.row.hash.toString('hex'), incident: asked.row.incident_id },
      }),
    )
    return showRequest(deps.db, row, deps)
  }

/** What somebody asks for. */
interface Asking {
  readonly permit: AnyPermit
  readonly asked: Pick<
    RequestDocument,
    'incident' | 'severity' | 'justification' | 'actions' | 'durationSeconds' | 'drill'
  >
}

/** Writes a request, or a drill of one, and tells who can approve it. */
export async function ask(tx: Transaction, deps: BreakGlassDeps, { permit, asked }: Asking): Promise<RequestRow> {
  const [user, workspaceId, now] = [callingPerson(permit), decidedId(permit), deps.clock.now()]
  await requireFewOpen(tx, { requesterId: user.id, drill: asked.drill })
  await requireFewTakenBack(tx, deps, user)
  const place = await selectWorkspaceName(tx, workspaceId)
  if (place === null) throw new Refusal('not-found')
  const { incident, severity, justification, durationSeconds, drill } = asked
  const actions = [...new Set(asked.actions)].toSorted()
  const id = deps.random.id()
  const document: RequestDocument = {
    v: 1,
    type: 'gatehouse.break-glass.request',
    id,
    version: 1,
    requester: { id: user.id, name: user.username },
    incident,
    severity,
    justification,
    workspace: { id: workspaceId, ...place },
    actions,
    durationSeconds,
    drill,
    at: now.toISOString(),
  }
  const { text, hash } = writeDocument(document)
  const alert = await tellOnCall(tx, deps, document)
  const row = await insertRequest(tx, {
    incident_id: drill ? null : await incidentOf(tx, deps, { document, alert }),
    requester_id: user.id,
    requester_name: user.username,
    version: 1,
    hash,
    document: text,
    workspace_id: workspaceId,
    incident,
    severity,
    justification,
    actions,
    duration_seconds: durationSeconds,
    drill,
    address: permit.call.address,
    user_agent: permit.call.userAgent,
    session_id: user.session.id,
    created_at: now,
    ...requestColumns(id, drill ? newDrill(now) : newRequest(now), deps),
  })
  await tellVoters(tx, deps, row)
  return row
}

async function requireFewOpen(
  tx: Transaction,
  who: { readonly requesterId: string; readonly drill: boolean },
): Promise<void> {
  const open = await countOpenOf(tx, who)
  if (who.drill && open >= drillsOpenMax)
    throw new Refusal('conflict', {
      hint: 'you have a drill that is open; finish or cancel it first (gatehouse break-glass list --drill)',
    })
  if (!who.drill && open >= openMax)
    throw new Refusal('conflict', {
      hint: `you have ${openMax} open requests; cancel one first (gatehouse break-glass list)`,
    })
}

async function requireFewTakenBack(tx: Transaction, { clock }: BreakGlassDeps, { id }: UserPrincipal): Promise<void> {
  const since = new Date(clock.now().getTime() - takenBackMs)
  if ((await countTakenBack(tx, { requesterId: id, since })) < takenBackMax) return
  throw new Refusal('conflict', {
    hint:
      `you have taken back or changed requests ${takenBackMax} times within an hour, and everybody was told each ` +
      'time; go on with one that is open, or let somebody else ask',
  })
}

async function tellVoters(tx: Transaction, deps: BreakGlassDeps, row: RequestRow): Promise<void> {
  const now = deps.clock.now()
  const counted = await countRequest(tx, row, now)
  const voters = await votersOf(tx, counted)
  const { workspace } = JSON.parse(row.document) as RequestDocument // written a moment ago
  await tellPeople(tx, {
    roles: [],
    ids: voters.map(({ id }) => id),
    kind: 'emergency',
    text:
      (row.drill
        ? `Drill, no emergency: ${row.requester_name} rehearses emergency access to ${workspace.name}: `
        : `${row.requester_name} asks for emergency access to ${workspace.name} (${row.severity}, ${row.incident}): `) +
      `${row.justification}. Read it before you vote (gatehouse break-glass get ${row.id}).`,
    now,
  })
}

/** Tells channels and whoever is on call, and answers the alert. */
async function tellOnCall(
  tx: Transaction,
  deps: BreakGlassDeps,
  { id, version, requester, severity, workspace, drill }: RequestDocument,
): Promise<string> {
  if (drill) return tellOfDrill(tx, deps, { id, requester, workspace })
  const raised = await deps.raiseAlert(tx, {
    kind: 'break-glass-requested',
    severity,
    about: { type: 'BreakGlassRequest', id },
    dedupeKey: `${id}:${version}`,
    facts: {
      request: id,
      requester: requester.name,
      severity,
      workspace: workspace.name,
      environment: workspace.environment,
    },
  })
  return raised.id
}

/** Channels are part of what is rehearsed: they say that it is a drill, and wake nobody. */
async function tellOfDrill(
  tx: Transaction,
  deps: BreakGlassDeps,
  { id, requester, workspace }: Pick<RequestDocument, 'id' | 'requester' | 'workspace'>,
): Promise<string> {
  const raised = await deps.raiseAlert(tx, {
    kind: 'break-glass-drill',
    about: { type: 'BreakGlassRequest', id },
    dedupeKey: id,
    facts: { request: id, requester: requester.name, workspace: workspace.name, environment: workspace.environment },
  })
  return raised.id
}

/** The incident that is named: one that is open, or one that is opened with the request, in its transaction. */
async function incidentOf(
  tx: Transaction,
  { openIncident }: BreakGlassDeps,
  { document, alert }: { readonly document: RequestDocument; readonly alert: string },
): Promise<string> {
  const { incident: named, severity, justification, workspace, requester } = document
  const incident = {
    title: `${named}: emergency access to ${workspace.name} requested`,
    severity,
    kind: 'other',
    description: justification,
    affected: [workspace.name],
    by: { type: 'User', id: requester.id },
    alert,
  } as const
  return (await nameIncident(openIncident, tx, { named, incident })).id
}

/** Makes a new version. What was said to the old one was said to another request (threat D6). */
export const breakGlassUpdate =
  (deps: BreakGlassDeps): Handler<'breakGlass.update'> =>
  async (permit) => {
    const { id: _id, ...wanted } = permit.input
    if (Object.values(wanted).every((value) => value === undefined))
      throw invalidField('justification', 'something to change: incident, severity, justification, actions or duration')
    const row = await deps.change(
      permit,
      async (tx) => {
        const held = await requireOwn(tx, permit)
        if (held.drill) throw new Refusal('conflict', { hint: 'a drill is not edited; cancel it and begin another' })
        const standing = requireStep(held, { type: 'edited' }, deps)
        await requireFewTakenBack(tx, deps, callingPerson(permit))
        const before = JSON.parse(held.document) as RequestDocument // written by us
        const place = await selectWorkspaceName(tx, held.workspace_id)
        if (place === null) throw new Refusal('not-found')
        const given = Object.fromEntries(Object.entries(wanted).filter(([, value]) => value !== undefined))
        const document: RequestDocument = {
          ...before,
          ...given,
          workspace: { id: held.workspace_id, ...place },
          version: held.version + 1,
          at: deps.clock.now().toISOString(),
        }
        const { text, hash } = writeDocument(document)
        const alert = await tellOnCall(tx, deps, document)
        const written = await rewriteRequest(tx, {
          incident_id:
            wanted.incident === undefined ? held.incident_id : await incidentOf(tx, deps, { document, alert }),
          ...requestColumns(held.id, standing, deps),
          version: document.version,
          hash,
          document: text,
          incident: document.incident,
          severity: document.severity,
          justification: document.justification,
          actions: [...new Set(document.actions)].toSorted(),
          duration_seconds: document.durationSeconds,
        })
        await tellVoters(tx, deps, written)
        return written
      },
      ({ version, hash, incident_id: incident }) => ({ detail: { version, hash: hash.toString('hex'), incident } }),
    )
    return showRequest(deps.db, row, deps)
  }

/** Takes a request back. */
export const breakGlassCancel =
  (deps: BreakGlassDeps): Handler<'breakGlass.cancel'> =>
  async (permit) => {
    const row = await deps.change(permit, async (tx) => {
      const held = await requireOwn(tx, permit)
      const standing = requireStep(held, { type: 'cancelled' }, deps)
      return requireMoved(
        await moveRequest(tx, { ...requestColumns(held.id, standing, deps), closed_reason: permit.input.reason }, held),
      )
    })
    return showRequest(deps.db, row, deps)
  }

/** INVARIANT, whatever the policies say: nobody touches another's request (threat D5). */
export async function requireOwn(tx: Transaction, permit: AnyPermit): Promise<RequestRow> {
  const held = await requireHeld(tx, decidedId(permit))
  if (held.requester_id !== callingPerson(permit).id)
    throw new Refusal('forbidden', { hint: 'only who asked may; you can deny it' })
  return held
}

/** The request, held. */
export async function requireHeld(tx: Transaction, id: string): Promise<RequestRow> {
  const held = await holdRequest(tx, id)
  if (held === null) throw new Refusal('not-found')
  return held
}

/** A locked request is neither approved nor activated. Nobody locks it before the transaction ends. */
export async function requireUnlocked(tx: Transaction, { directory }: BreakGlassDeps, id: string): Promise<void> {
  const kind = await directory.findLock(tx, [{ kind: 'approval', target: id }])
  if (kind !== null) throw lockedRefusal(kind)
}

/** One step that has to fit. */
export function requireStep(held: RequestRow, event: RequestEvent, deps: BreakGlassDeps): RequestStanding {
  const standing = stepRow(held, event, deps)
  if (standing === null || standing.state === 'lapsed') throw closed(held, deps)
  return standing
}

/** Says where a request stands instead. */
export function closed(held: RequestRow, deps: BreakGlassDeps): Refusal {
  const state = stepRow(held, { type: 'looked' }, deps)?.state ?? held.state
  const over = held.drill ? 'this drill is over' : 'its emergency session has ended'
  const hints: Partial<Record<RequestRow['state'], string>> = { lapsed: 'its time is over; ask again', ended: over }
  return new Refusal('conflict', { hint: hints[state] ?? `it is ${state}` })
}

/** A row that nobody else has moved. */
export function requireMoved<T>(row: T | null): T {
  if (row === null) throw new Refusal('conflict', { hint: 'it has changed at this moment; read it again' })
  return row
}

/** Requests, newest first. */
export const breakGlassList =
  (deps: BreakGlassDeps): Handler<'breakGlass.list'> =>
  async (permit) => {
    const { first, after, state, requester, drill } = permit.input
    const requesterId = requester === undefined ? null : await deps.directory.findUserId(deps.db, requester)
    if (requester !== undefined && requesterId === null) return { items: [], nextCursor: null }
    const cursor = after === undefined ? null : decodeUuidCursor(after)
    const rows = await selectRequests(deps.db, { first, after: cursor, state: state ?? null, requesterId, drill })
    return pageOf(await showRequests(deps.db, rows, deps), first, (one) => [one.createdAt, one.id])
  }

/** One request, with all that an approver needs to decide. */
export const breakGlassGet =
  (deps: BreakGlassDeps): Handler<'breakGlass.get'> =>
  async (permit) => {
    const row = await findRequest(deps.db, decidedId(permit))
    if (row === null) throw new Refusal('not-found')
    const counted = await countRequest(deps.db, row, deps.clock.now())
    const view = await showRequest(deps.db, row, deps)
    const isOpen = view.state === 'pending' || view.state === 'approved'
    const voters = isOpen ? (await votersOf(deps.db, counted)).slice(0, votersShownMax) : []
    const teamNames = await selectTeamNames(deps.db)
    const { hosts, accounts } = await deps.reach.hostsIn(deps.db, row.workspace_id)
    const roles = row.actions.includes('lease.issue') ? await deps.reach.rolesIn(deps.db, row.workspace_id) : []
    return {
      ...view,
      document: row.document,
      address: row.address,
      userAgent: row.user_agent,
      reach: {
        hosts: [...hosts],
        hostCount: hosts.length,
        accounts: [...accounts],
        actions: view.actions.map((name) => ({ name, summary: operations[name].summary })),
      },
      roles: roles.map((role) => ({ ...role, grants: [...role.grants] })),
      voters: voters.map(({ id, username, teams }) => ({
        principal: username,
        principalId: id,
        teams: teams.map((team) => teamNames.get(team) ?? team),
      })),
      whyNotYou: isOpen ? await whyNotVoter(deps.db, counted, callingPerson(permit).id) : `it is ${view.state}`,
    }
  }

/** Figures of the last days. */
export const breakGlassStats =
  ({ db, clock }: BreakGlassDeps): Handler<'breakGlass.stats'> =>
  async (permit) => {
    const { days } = permit.input
    const since = new Date(clock.now().getTime() - days * daySeconds * 1000)
    const { median, ...figures } = await selectRequestStats(db, since)
    return { days, ...figures, ...(await countSessions(db)), medianSecondsToActivation: median }
  }
