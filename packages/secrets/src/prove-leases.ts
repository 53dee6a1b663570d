import type { CheckpointKey, EventFacts } from '@gatehouse/audit'
import { Refusal, type Output } from '@gatehouse/contract'
import type { Store, Transaction } from '@gatehouse/database'
import type { Handler, Sweep } from '@gatehouse/enforcement'
import { claimSeconds, proofBudget } from './budgets.ts'
import type { LeasesDeps } from './lease-deps.ts'
import {
  claimProofs,
  insertProofs,
  nextProofAt,
  readProof,
  settleProofs,
  type ClaimedProof,
  type LeaseProofRow,
  type ProofChange,
} from './lease-proof.queries.ts'
import { readLease, type LeaseRow } from './lease.queries.ts'
import { pooled } from './pooled.ts'
import { destroyWitnesses } from './secret-backend.queries.ts'
import { afterAsking, type ProofStep } from './proof-steps.ts'
import type { Backends, LeaseRef, Testimony } from './secret-backend.ts'
import { within } from './within.ts'

/** What asking about revoked leases needs. */
export interface ProofDeps extends Pick<LeasesDeps, 'db' | 'change' | 'clock' | 'backends'> {
  /** Signs what was answered: it is kept outside of the database, so that who owns the rows cannot make a proof. */
  readonly checkpointKey: Pick<CheckpointKey, 'signText' | 'publicKey'>
}

/** Its name in Temporal, for ever. */
export const proofSweepName = 'lease-proof'

/** A signature of this kind is good for nothing else. */
const statementKind = 'lease-proof'

/** What is kept of an answer: enough to act on. */
const answerCharsMax = 240

/** Has revoked leases asked about from now on, in the transaction that ends them, where somebody can be asked. */
export const queueProofs = (
  { backends, clock }: Pick<LeasesDeps, 'backends' | 'clock'>,
  tx: Transaction,
  rows: readonly LeaseRow[],
): Promise<void> =>
  insertProofs(tx, {
    now: clock.now(),
    rows: rows.flatMap(({ id, backend, revoke_requested_at: revokedAt }) =>
      // what was never made was not revoked either
      revokedAt === null || backends[backend].prove === undefined ? [] : [{ id, revokedAt }],
    ),
  })

/** Temporal's workflow and the worker's own look ask about what is due. */
export const proofSweep = ({ db, clock }: Pick<ProofDeps, 'db' | 'clock'>): Sweep => {
  const run: Sweep['run'] = async (internal) => (await internal('lease.prove', {})).nextDueInSeconds
  return { name: proofSweepName, nextDueInSeconds: () => nextInSeconds(db, clock.now()), run, retry: run }
}

const nextInSeconds = async (db: Store, now: Date): Promise<number | null> => {
  const at = await nextProofAt(db)
  return at === null ? null : (at.getTime() - now.getTime()) / 1000
}

/** What came of asking about one lease; `testimony` null: nobody answered. */
interface Asked {
  readonly proof: ClaimedProof
  readonly testimony: Testimony | null
  readonly failure: string | null
  readonly at: Date
}

/** Asks about all that is due, and keeps each refusal signed, with its entry in the audit log. */
export const proveDue =
  (deps: ProofDeps): Handler<'lease.prove'> =>
  async (permit) => {
    const { change, clock, db } = deps
    const claimed = await change.intent(
      permit,
      (tx) => claim(deps, tx),
      (rows) => ({ detail: { asked: rows.length } }),
    )
    const asked = await askAll(deps, claimed)
    const proved = await change(
      permit,
      (tx) => settle(deps, tx, asked),
      (count) => ({ detail: { asked: asked.length, proved: count } }),
    )
    return { asked: asked.length, proved, nextDueInSeconds: await nextInSeconds(db, clock.now()) }
  }

const claim = ({ clock }: ProofDeps, tx: Transaction): Promise<ClaimedProof[]> => {
  const now = clock.now()
  return claimProofs(tx, { now, until: new Date(now.getTime() + claimSeconds * 1000), limit: proofBudget.batchMax })
}

/** Place by place, each within its time: one that does not answer holds up no other. */
async function askAll(deps: ProofDeps, claimed: readonly ClaimedProof[]): Promise<Asked[]> {
  const groups: ClaimedProof[][] = []
  for (const [backend, proofs] of Map.groupBy(claimed, (proof) => proof.backend)) {
    const places = await deps.backends[backend].placesOf?.(proofs.map(({ lease_id: id }) => id))
    groups.push(...Map.groupBy(proofs, ({ lease_id: id }) => places?.get(id) ?? id).values())
  }
  return (await pooled(groups, proofBudget.parallelMax, (proofs) => askAtPlace(deps, proofs))).flat()
}

async function askAtPlace(deps: ProofDeps, proofs: readonly ClaimedProof[]): Promise<Asked[]> {
  const begun = performance.now()
  const asked: Asked[] = []
  for (const proof of proofs) {
    const left = proofBudget.waitSeconds - (performance.now() - begun) / 1000
    if (left <= 0) break // what is not asked comes due again when the claim is over
    asked.push(await ask(deps, proof, left))
  }
  return asked
}

async function ask({ backends, clock }: ProofDeps, proof: ClaimedProof, waitSeconds: number): Promise<Asked> {
  const lease: LeaseRef = { id: proof.lease_id, expiresAt: proof.expires_at }
  try {
    const testimony = await within(waitSeconds, backends[proof.backend].prove?.(lease) ?? Promise.resolve(null))
    return { proof, testimony, failure: testimony === null ? 'nobody can be asked any more' : null, at: clock.now() }
  } catch (error) {
    if (!(error instanceof Error)) throw error
    const failure = error instanceof Refusal ? (error.details.hint ?? error.message) : error.message
    return { proof, testimony: null, failure, at: clock.now() }
  }
}

/** What came of each, where nobody else's answer was faster. */
interface Settled {
  readonly one: Asked
  readonly step: ProofStep
}

async function settle(deps: ProofDeps, tx: Transaction, asked: readonly Asked[]): Promise<number> {
  const steps = asked.map((one): Settled => ({ one, step: stepOf(one) }))
  const written = await settleProofs(
    tx,
    steps.map(({ one, step }) => changeOf(deps, one, step)),
  )
  const settled = steps.filter(({ one, step }) => step.state !== 'waiting' && written.has(one.proof.lease_id))
  await destroyWitnesses(
    tx,
    settled.map(({ one }) => one.proof.lease_id),
  )
  await deps.change.events(tx, settled.flatMap(eventsOf))
  return settled.filter(({ step }) => step.state === 'refused').length
}

/** What the audit log says of it; that a credential came to its own end stands there already. */
function eventsOf({ one: { proof, testimony }, step }: Settled): EventFacts[] {
  const resource = { type: 'Lease', id: proof.lease_id } as const
  const on = { resource, workspace: proof.workspace_id }
  const detail = { backend: proof.backend, attempts: proof.attempts }
  if (step.state === 'refused')
    return [
      {
        name: 'lease.proved',
        ...on,
        detail: { ...detail, provider: testimony?.provider, seconds: step.secondsToDead },
      },
    ]
  if (step.state === 'given-up') return [{ name: 'lease.unproved', ...on, detail }]
  return step.state === 'not-provable' ? [{ name: 'lease.notProvable', ...on, detail }] : []
}

const stepOf = ({ proof, testimony, at }: Asked): ProofStep =>
  afterAsking({ attempts: proof.attempts, revokedAt: proof.revoked_at, expiresAt: proof.expires_at }, testimony, at)

function changeOf({ checkpointKey }: ProofDeps, asked: Asked, step: ProofStep): ProofChange {
  const { proof, testimony, failure, at } = asked
  const change = {
    lease_id: proof.lease_id,
    state: step.state,
    due_at: step.state === 'waiting' ? step.dueAt : null,
    provider: testimony?.provider ?? proof.provider,
    last_answer: (testimony?.said ?? failure ?? '').slice(0, answerCharsMax).toWellFormed(),
    ...noRefusal,
  }
  if (step.state !== 'refused' || testimony === null) return change
  const statement = statementOf(asked, { testimony, seconds: step.secondsToDead })
  const signature = checkpointKey.signText({ kind: statementKind, text: statement })
  return { ...change, refused_at: at, statement, signature, signed_by: checkpointKey.publicKey }
}

const noRefusal = { refused_at: null, statement: null, signature: null, signed_by: null } as const

/** What is signed, with its fields in this order for ever. */
const statementOf = (
  { proof, at }: Asked,
  { testimony, seconds }: { readonly testimony: Testimony; readonly seconds: number },
): string =>
  JSON.stringify({
    v: 1,
    lease: proof.lease_id,
    backend: proof.backend,
    provider: testimony.provider,
    revokedAt: proof.revoked_at.toISOString(),
    refusedAt: at.toISOString(),
    secondsToDead: seconds,
    asked: proof.attempts,
    said: testimony.said,
    facts: testimony.facts,
  })

/** What is known of the death of one lease's credential. */
export const showProof =
  ({ db, backends }: { readonly db: Store; readonly backends: Backends }): Handler<'lease.proof'> =>
  async ({ input }) => {
    const lease = await readLease(db, input.id)
    if (lease === null) throw new Refusal('not-found')
    const proof = await readProof(db, input.id)
    return proof === null ? withoutProof(lease, backends) : shownProof(lease, proof)
  }

/** Nobody has asked: it lives, it came to its end by itself, or there is nobody who could be asked. */
function withoutProof({ id, state, backend }: LeaseRow, backends: Backends): Output<'lease.proof'> {
  if (state !== 'revoked' && state !== 'expired') return { ...nothing, lease: id, state: 'living' }
  return { ...nothing, lease: id, state: backends[backend].prove === undefined ? 'not-provable' : 'ended' }
}

const nothing = {
  provider: null,
  refusedAt: null,
  secondsToDead: null,
  evidence: null,
  askedAt: null,
  attempts: 0,
  lastAnswer: null,
} as const

const shownProof = ({ id }: LeaseRow, proof: LeaseProofRow): Output<'lease.proof'> => ({
  lease: id,
  state: proof.state,
  provider: proof.provider,
  refusedAt: proof.refused_at,
  secondsToDead:
    proof.refused_at === null ? null : Math.max(0, (proof.refused_at.getTime() - proof.revoked_at.getTime()) / 1000),
  evidence: evidenceOf(proof),
  askedAt: proof.asked_at,
  attempts: proof.attempts,
  lastAnswer: proof.last_answer,
})

function evidenceOf({ statement, signature, signed_by: signedBy }: LeaseProofRow): Output<'lease.proof'>['evidence'] {
  if (statement === null || signature === null || signedBy === null) return null
  return { kind: statementKind, statement, signature, signedBy }
}
