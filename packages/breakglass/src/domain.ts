import { forgetNames, type Schema, type Store, type Transaction } from '@gatehouse/database'
import { workflowIds } from '@gatehouse/contract'
import { exactTime } from '@gatehouse/kit'
import {
  followed,
  type ChangedRow,
  type Domain,
  type Eraser,
  type Handler,
  type HandlersOf,
} from '@gatehouse/enforcement'
import type { IdentityConfig } from '@gatehouse/identity'
import { breakGlassActivate } from './activate.ts'
import type { BreakGlassDeps, PoliciesInForce } from './deps.ts'
import { breakGlassDrill, breakGlassDrillFinish } from './drill-handlers.ts'
import { breakGlassSweep, emergencySessionExpire } from './expire.ts'
import { breakGlassExport } from './export-handler.ts'
import {
  breakGlassCancel,
  breakGlassGet,
  breakGlassList,
  breakGlassRequest,
  breakGlassStats,
  breakGlassUpdate,
  decidedId,
} from './request-handlers.ts'
import { forgetOrigin } from './request.queries.ts'
import { createRequestFeed, type RequestFeed } from './request-feed.ts'
import { breakGlassRuleGet, breakGlassRuleSet } from './rule-handlers.ts'
import {
  breakGlassReview,
  emergencySessionAudit,
  emergencySessionGet,
  emergencySessionList,
  emergencySessionRevoke,
} from './session-handlers.ts'
import { countSessions } from './session.queries.ts'
import { requestClock, sessionClock } from './row-clocks.ts'
import { loadBreakGlassRequestSlice, loadEmergencySessionSlice } from './slices.ts'
import { tooFew } from './too-few.ts'
import { breakGlassApprove, breakGlassApproveOptions, breakGlassDeny } from './vote-handlers.ts'

/** What emergency access is opened with. */
export interface BreakGlassNeeds extends Omit<
  BreakGlassDeps,
  'config' | 'voteKeys' | 'signingKeys' | 'leases' | 'reach' | 'workflows' | 'openIncident'
> {
  readonly settings: { readonly identity: IdentityConfig }
}

/** What it asks of others, once all domains are open. */
export type BreakGlassPorts = Pick<
  BreakGlassDeps,
  'voteKeys' | 'signingKeys' | 'leases' | 'reach' | 'workflows' | 'openIncident'
>

const hourSeconds = 3600

/** Emergency access, as one value. */
export const breakGlassDomain = {
  slices: { BreakGlassRequest: loadBreakGlassRequestSlice, EmergencySession: loadEmergencySessionSlice },
  parents: [],
  schedules: [
    {
      id: workflowIds.breakGlassCheck,
      cron: '17 * * * *',
      everySeconds: hourSeconds,
      operation: 'emergencySession.expire',
      input: {},
    },
  ],
  // who had which power when stays; from where they asked goes with them (ADR 058)
  tables: {
    break_glass_request: {
      rows: 'pruned',
      by: 'audit.prune',
      personal: ['requester_name', 'justification', 'document', 'address', 'user_agent', 'closed_reason'],
    },
    break_glass_version: { rows: 'parent', personal: ['document'] },
    break_glass_vote: { rows: 'parent', personal: ['voter_name', 'reason', 'statement', 'evidence'] },
    emergency_session: { rows: 'parent', personal: ['user_id', 'approver_ids', 'end_reason', 'review'] },
    break_glass_rule: { rows: 'kept', personal: ['updated_by'] },
  },
  alerts: [],
  open: (needs) =>
    Promise.resolve({
      backends: {},
      handlers: (ports: BreakGlassPorts) => breakGlassHandlers(depsOf(needs, ports)),
      sweeps: (ports: BreakGlassPorts) => [breakGlassSweep(depsOf(needs, ports))],
      clocks: () => [requestClock(needs), sessionClock(needs)],
      eraser: () => emergencyEraser,
      status: async (now: Date) => {
        const [{ active, unreviewed }, few] = [await countSessions(needs.db), await tooFew(needs.db, now)]
        const problem = few?.problem ?? closedText(await needs.policy.closedWay())
        const counted = `${active} active, ${unreviewed} to review`
        const part =
          problem === null
            ? ({ name: 'break-glass', health: 'ok', message: counted } as const)
            : ({ name: 'break-glass', health: 'degraded', message: `${problem}; ${counted}` } as const)
        return { parts: [part], facts: {} }
      },
      figures: () => Promise.resolve({}),
    }),
} as const satisfies Domain<Store, Schema, BreakGlassNeeds, BreakGlassPorts>

const closedText = (closed: Awaited<ReturnType<PoliciesInForce['closedWay']>>): string | null =>
  closed === null
    ? null
    : `the policies leave nobody emergency access in ${closed.environment} at ${exactTime(closed.at)}: ` +
      closed.problem

/** Leaves what is proved, signed documents and votes, and takes what proves nothing (ADR 058). */
export const emergencyEraser = {
  erase: async (tx: Transaction, { id }) => {
    await forgetOrigin(tx, id)
    return []
  },
  forgetNames: (tx: Transaction, names) =>
    forgetNames(tx, names, { break_glass_request: ['closed_reason'], emergency_session: ['end_reason'] }),
} satisfies Eraser

const depsOf = ({ settings, ...needs }: BreakGlassNeeds, ports: BreakGlassPorts): BreakGlassDeps => ({
  ...needs,
  ...ports,
  config: settings.identity,
})

const ofRequest = ({ id }: { readonly id: string }): ChangedRow[] => [['break-glass', id]]
/** The request, and the incident that it may have opened. */
const ofAsked = (request: { readonly id: string; readonly incidentId: string | null }): ChangedRow[] => [
  ...ofRequest(request),
  ...(request.incidentId === null ? [] : [['incident', request.incidentId] as const]),
]
const ofSession = ({ id, request }: { readonly id: string; readonly request: string }): ChangedRow[] => [
  ['break-glass', request],
  ['emergency-session', id],
]

const watchRequest =
  (feed: RequestFeed): Handler<'breakGlass.watch'> =>
  (permit) =>
    feed.watch(decidedId(permit))

/** Binds every operation of emergency access to its handler. */
export const breakGlassHandlers = (deps: BreakGlassDeps): HandlersOf<'breakGlass' | 'emergencySession'> => ({
  'breakGlass.request': followed(deps, breakGlassRequest(deps), ofAsked),
  'breakGlass.update': followed(deps, breakGlassUpdate(deps), ofAsked),
  'breakGlass.drill': followed(deps, breakGlassDrill(deps), ofRequest),
  'breakGlass.drillFinish': followed(deps, breakGlassDrillFinish(deps), ofRequest),
  'breakGlass.cancel': followed(deps, breakGlassCancel(deps), ofRequest),
  'breakGlass.list': breakGlassList(deps),
  'breakGlass.get': breakGlassGet(deps),
  'breakGlass.watch': watchRequest(createRequestFeed(deps)),
  'breakGlass.export': breakGlassExport(deps),
  'breakGlass.stats': breakGlassStats(deps),
  'breakGlass.approveOptions': breakGlassApproveOptions(deps),
  'breakGlass.approve': followed(deps, breakGlassApprove(deps), ofRequest),
  'breakGlass.deny': followed(deps, breakGlassDeny(deps), ofRequest),
  'breakGlass.activate': followed(deps, breakGlassActivate(deps), ({ session }) => ofSession(session)),
  'breakGlass.ruleGet': breakGlassRuleGet(deps),
  'breakGlass.ruleSet': breakGlassRuleSet(deps),
  'emergencySession.list': emergencySessionList(deps),
  'emergencySession.get': emergencySessionGet(deps),
  'emergencySession.revoke': followed(deps, emergencySessionRevoke(deps), ofSession),
  'emergencySession.audit': emergencySessionAudit(deps),
  'breakGlass.review': followed(deps, breakGlassReview(deps), ofSession),
  'emergencySession.expire': emergencySessionExpire(deps),
})
