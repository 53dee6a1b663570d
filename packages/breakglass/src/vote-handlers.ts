import { Refusal } from '@gatehouse/contract'
import type { Transaction } from '@gatehouse/database'
import type { Handler, UserPrincipal } from '@gatehouse/enforcement'
import { holdPeople, selectVoters, tellPeople } from '@gatehouse/identity'
import { countRequest, peopleOf, type Counted, whyNotVoter } from './counting.ts'
import type { BreakGlassDeps } from './deps.ts'
import { writeStatement } from './document.ts'
import { denyingTeamsMax } from './quorum.ts'
import { findRequest, insertVote, moveRequest, selectVotes, type RequestRow, type VoteRow } from './request.queries.ts'
import {
  callingPerson,
  closed,
  decidedId,
  requireHeld,
  requireMoved,
  requireStep,
  requireUnlocked,
} from './request-handlers.ts'
import { requestColumns, stepRow } from './standings.ts'
import { showRequest } from './view.ts'
import { readRule } from './read-rule.ts'
import { withoutLateGifts } from './why-no-voter.ts'

const nonceBytes = 32

/** Says what a key is to sign: the request itself and the yes to it, by their hash. */
export const breakGlassApproveOptions =
  (deps: BreakGlassDeps): Handler<'breakGlass.approveOptions'> =>
  async (permit) => {
    const user = callingPerson(permit)
    return deps.change(permit, async (tx) => {
      const held = await requireHeld(tx, decidedId(permit))
      requireStep(held, { type: 'counted', met: false, deniedByTeams: false }, deps)
      const { totpAdmitted } = await readRule(tx)
      const statement = approvalOf(deps, user, held).text
      const asked = await deps.voteKeys.ask(tx, { userId: user.id, boundTo: boundTo(held), statement })
      return { hash: held.hash.toString('hex'), totpAdmitted, ...asked, options: asked.options && { ...asked.options } }
    })
  }

/** A yes is for one version: asked for before an edit, it is good for nothing after it. */
const boundTo = ({ id, hash }: Pick<RequestRow, 'id' | 'hash'>): string => `${id}:${hash.toString('hex')}`

const approvalOf = ({ random, clock }: BreakGlassDeps, user: UserPrincipal, { document }: RequestRow) =>
  writeStatement(
    {
      says: 'approve',
      voter: { id: user.id, name: user.username },
      at: clock.now().toISOString(),
      nonce: Buffer.from(random.bytes(nonceBytes)).toString('base64url'),
      reason: null,
      team: null,
    },
    document,
  )

/** What is said, and what proves it. */
interface GivenVote {
  readonly method: VoteRow['method']
  readonly statement: string
  readonly evidence: string | null
  readonly spend: (tx: Transaction) => Promise<void>
}

/** Says yes to the very request that was read. */
export const breakGlassApprove =
  (deps: BreakGlassDeps): Handler<'breakGlass.approve'> =>
  async (permit) => {
    const user = callingPerson(permit)
    const before = await findRequest(deps.db, decidedId(permit))
    if (before === null) throw new Refusal('not-found')
    requireSameHash(before, permit.input.hash)
    const given = await provedVote(deps, { user, request: before, assertion: permit.input.assertion })
    const row = await deps.change(
      permit,
      async (tx) => {
        const held = await requireHeld(tx, before.id)
        requireSameHash(held, permit.input.hash)
        await requireVoter(tx, deps, { held, userId: user.id })
        await requireUnlocked(tx, deps, held.id)
        await given.spend(tx)
        const vote = voteOf(deps, { held, user, given })
        if (!(await insertVote(tx, { ...vote, says: 'approve', team_id: null, reason: null })))
          await requireSameProof(tx, vote)
        return recount(tx, deps, held)
      },
      ({ state, version }) => ({ detail: { method: given.method, version, state } }),
    )
    return showRequest(deps.db, row, deps)
  }

async function provedVote(
  deps: BreakGlassDeps,
  {
    user,
    request,
    assertion,
  }: {
    readonly user: UserPrincipal
    readonly request: RequestRow
    readonly assertion: Readonly<Record<string, unknown>> | undefined
  },
): Promise<GivenVote> {
  if (assertion !== undefined) {
    const person = { userId: user.id, username: user.username }
    const signed = await deps.voteKeys.check(person, { boundTo: boundTo(request), assertion })
    return { ...signed, method: 'webauthn', evidence: JSON.stringify(signed.evidence) }
  }
  if (!(await readRule(deps.db)).totpAdmitted)
    throw new Refusal('forbidden', { hint: 'the rule asks for a key that signs the request; approve in the browser' })
  // the session's fresh second factor stands for it: weaker, and shown as such
  const { text: statement } = approvalOf(deps, user, request)
  return { method: 'totp', statement, evidence: null, spend: () => Promise.resolve() }
}

/** What somebody says yes to is what is there (threat D6). */
function requireSameHash({ hash }: RequestRow, given: string): void {
  if (hash.toString('hex') !== given)
    throw new Refusal('conflict', { hint: 'the request is another one than you have read; read it again' })
}

/** Refuses who cannot vote, and says why. Their row is held, so that it is true until the vote is written. */
async function requireVoter(
  tx: Transaction,
  deps: BreakGlassDeps,
  { held, userId }: { readonly held: RequestRow; readonly userId: string },
): Promise<Counted> {
  await holdPeople(tx, [userId])
  const counted = await countRequest(tx, held, deps.clock.now())
  if (stepRow(held, { type: 'counted', met: counted.quorum.met, deniedByTeams: false }, deps) === null)
    throw closed(held, deps)
  const why = await whyNotVoter(tx, counted, userId)
  if (why !== null) throw new Refusal('forbidden', { reason: 'no-permit', policies: [], hint: `your account ${why}` })
  return counted
}

const voteOf = (
  { random, clock }: BreakGlassDeps,
  { held, user, given }: { readonly held: RequestRow; readonly user: UserPrincipal; readonly given: GivenVote },
) => ({
  id: random.id(),
  request_id: held.id,
  version: held.version,
  hash: held.hash,
  voter_id: user.id,
  voter_name: user.username,
  method: given.method,
  statement: given.statement,
  evidence: given.evidence,
  session_id: user.session.id,
  at: clock.now(),
})

/** Votes are never rewritten: a signature after a vote without one would be taken, and count for nothing. */
async function requireSameProof(
  tx: Transaction,
  vote: Pick<VoteRow, 'request_id' | 'hash' | 'voter_id' | 'method'>,
): Promise<void> {
  if (vote.method === 'totp') return
  const stands = (await selectVotes(tx, [vote.request_id])).find(
    (one) => one.says === 'approve' && one.voter_id === vote.voter_id && one.hash.equals(vote.hash),
  )
  if (stands?.method === 'totp')
    throw new Refusal('conflict', {
      hint: 'you have approved this version without a key, and that stands; a later version can be signed',
    })
}

/** Counts again after a vote, and moves the request to where its votes put it. */
async function recount(tx: Transaction, deps: BreakGlassDeps, held: RequestRow): Promise<RequestRow> {
  const { quorum } = await countRequest(tx, held, deps.clock.now())
  const deniedByTeams = quorum.denied.length >= denyingTeamsMax
  const standing = requireStep(held, { type: 'counted', met: quorum.met, deniedByTeams }, deps)
  const isNewlyApproved = standing.state === 'approved' && held.state !== 'approved'
  const change = {
    ...requestColumns(held.id, standing, deps),
    ...(isNewlyApproved ? { approved_at: deps.clock.now() } : {}),
  }
  const moved = requireMoved(await moveRequest(tx, change, held))
  if (moved.state !== held.state) await tellRequester(tx, deps, moved)
  return moved
}

async function tellRequester(
  tx: Transaction,
  { clock }: BreakGlassDeps,
  { id, requester_id, state, drill }: RequestRow,
): Promise<void> {
  const of = drill ? 'drill' : 'request for emergency access'
  const next = drill
    ? `Finish it (gatehouse break-glass drill-finish ${id}).`
    : `Activate it within 30 minutes (gatehouse break-glass activate ${id}).`
  const words: Partial<Record<RequestRow['state'], string>> = {
    approved: `Your ${of} is approved. ${next}`,
    pending: `Your ${of} waits again: an approval does not count any more.`,
    denied: `Your ${of} was denied by two teams.`,
  }
  const text = words[state]
  if (text !== undefined)
    await tellPeople(tx, { roles: [], ids: [requester_id], kind: 'emergency', text, now: clock.now() })
}

/** Says no, with a team: that team can't approve it any more, and two teams end it. */
export const breakGlassDeny =
  (deps: BreakGlassDeps): Handler<'breakGlass.deny'> =>
  async (permit) => {
    const [user, { reason }] = [callingPerson(permit), permit.input]
    const row = await deps.change(
      permit,
      async (tx) => {
        const held = await requireHeld(tx, decidedId(permit))
        const counted = await requireVoter(tx, deps, { held, userId: user.id })
        const team = await teamThatDenies(tx, counted, user.id)
        const voter = { id: user.id, name: user.username }
        const nonce = Buffer.from(deps.random.bytes(nonceBytes)).toString('base64url')
        const said = { says: 'deny', voter, at: deps.clock.now().toISOString(), nonce, reason, team } as const
        const { text: statement } = writeStatement(said, held.document)
        const given: GivenVote = { method: 'totp', statement, evidence: null, spend: () => Promise.resolve() }
        await insertVote(tx, { ...voteOf(deps, { held, user, given }), says: 'deny', team_id: team, reason })
        return recount(tx, deps, held)
      },
      ({ state, version }) => ({ detail: { version, state } }),
    )
    return showRequest(deps.db, row, deps)
  }

/** The first of their teams that has not said no and is not the requester's alone. */
async function teamThatDenies(tx: Transaction, { count, quorum }: Counted, userId: string): Promise<string> {
  const own = peopleOf(await selectVoters(tx, { ids: [userId], now: count.now })).get(userId)
  if (own === undefined) throw new Refusal('unauthenticated')
  const voters = count.votes.flatMap((vote) => (vote.says === 'approve' ? (count.people.get(vote.by) ?? []) : []))
  const circle = { requester: count.requester, voters, now: count.now }
  const free = withoutLateGifts(own, circle).teams.filter((team) => !quorum.denied.includes(team))
  const team = free.find((one) => !count.requester.teams.includes(one)) ?? free[0]
  if (team === undefined) throw new Refusal('forbidden', { hint: 'your account is only in teams that have denied it' })
  return team
}
