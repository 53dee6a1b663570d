import { systemId, type EventName } from '@gatehouse/contract'
import type { Store, Transaction } from '@gatehouse/database'
import { uid, type Clock, type Random } from '@gatehouse/enforcement'
import type { Outbound } from '@gatehouse/kit/outbound'
import type { Change } from '../change.ts'
import { readNewestCheckpoint, type CheckpointRow } from '../checkpoint.queries.ts'
import { proveConsistency } from '../tree/prove.ts'
import { askSecondsMax, askWitness, type Witness, type WitnessAnswer } from './ask-witness.ts'
import {
  claimWitness,
  insertCosignature,
  postponeWitness,
  settleWitness,
  type ClaimedWitness,
} from './witness.queries.ts'

export interface WitnessDeps {
  readonly db: Store
  readonly clock: Clock
  readonly random: Random
  readonly change: Pick<Change, 'event'>
  readonly outbound: Outbound
  readonly witnesses: readonly Witness[]
}

/** A claim older than this is that of a process that died: two requests, and the reading between them. */
export const witnessClaimSeconds = 3 * askSecondsMax
/** Witnesses serve many logs: each gets what is newest so often, and no more. */
const submitEverySeconds = 10
/** After a failure: twice as long each time, and never longer than five minutes. */
const pauseSecondsMax = 300

/**
 * Shows one witness that is due the newest checkpoint, and keeps its co-signature; answers whether one was due.
 * Whatever a witness does or leaves undone, the log goes on: that one fails, or says that the log is another one than
 * it saw, is an event.
 */
export async function submitOne(deps: WitnessDeps): Promise<boolean> {
  const now = deps.clock.now()
  const until = new Date(now.getTime() + witnessClaimSeconds * 1000)
  const names = deps.witnesses.map(({ verifier }) => verifier.name)
  const claimed = await claimWitness(deps.db, { names, claim: deps.random.id(), now, until })
  const witness = deps.witnesses.find(({ verifier }) => verifier.name === claimed?.name)
  if (claimed === null || witness === undefined) return false
  const newest = await readNewestCheckpoint(deps.db)
  if (newest === null || newest.size === Number(claimed.size)) {
    await settleWitness(deps.db, claimed, { size: null, dueAt: after(now, submitEverySeconds), signedAt: null })
    return true
  }
  await keep(deps, { claimed, newest, ...(await ask(deps, witness, { claimed, newest })) })
  return true
}

interface Shown {
  readonly claimed: ClaimedWitness
  readonly newest: CheckpointRow
}

/**
 * Asks; once more from the size that the witness names. One that names more than there is has seen a longer log than
 * this one: that is how an old backup is found.
 */
async function ask(
  deps: WitnessDeps,
  witness: Witness,
  { claimed, newest }: Shown,
): Promise<{ readonly answer: WitnessAnswer }> {
  let oldSize = Math.min(Number(claimed.size), newest.size)
  for (let attempt = 0; attempt < 2; attempt += 1) {
    const hashes = await proveConsistency(deps.db, oldSize, newest.size)
    const answer = await askWitness({ ...deps, witness }, { oldSize, hashes, note: newest.note })
    if (answer.kind !== 'stale') return { answer }
    if (answer.size > newest.size || answer.size === oldSize) return { answer: refuted(answer.size, newest.size) }
    oldSize = answer.size
  }
  return { answer: { kind: 'failed', message: 'somebody else shows it checkpoints of this log at the same time' } }
}

const refuted = (seen: number, size: number): WitnessAnswer => ({
  kind: 'refuted',
  message:
    seen > size
      ? `it has seen a log of ${seen} entries, and this one has ${size}`
      : `it has seen another log of ${seen} entries`,
})

async function keep(
  deps: WitnessDeps,
  { claimed, newest, answer }: Shown & { readonly answer: WitnessAnswer },
): Promise<void> {
  const now = deps.clock.now()
  const { name } = claimed
  if (answer.kind === 'cosigned') {
    const { line, time } = answer.cosignature
    const dueAt = after(now, submitEverySeconds)
    // what is kept, how the witness stands and what is told of it are one: whoever dies in between has done none of it
    return deps.db.transaction().execute(async (tx) => {
      await insertCosignature(tx, { size: newest.size, witness: name, line, time, now })
      const isOurs = await settleWitness(tx, claimed, { size: newest.size, dueAt, signedAt: now })
      if (isOurs && claimed.failing_since !== null)
        await tell(deps, tx, { name: 'auditWitness.recovered', detail: { witness: name, size: newest.size } })
    })
  }
  const error = answer.kind === 'stale' ? 'it has seen another size' : answer.message
  const seconds = Math.min(pauseSecondsMax, submitEverySeconds * 2 ** Math.min(claimed.failures, 16))
  const isFirst = claimed.failing_since === null
  const isRefuted = answer.kind === 'refuted' && (isFirst || claimed.last_error !== error)
  await deps.db.transaction().execute(async (tx) => {
    if (!(await postponeWitness(tx, claimed, { error, now, dueAt: after(now, seconds) }))) return
    const detail = { witness: name, error }
    if (isRefuted) await tell(deps, tx, { name: 'auditWitness.refuted', detail })
    else if (isFirst) await tell(deps, tx, { name: 'auditWitness.failing', detail })
  })
}

const after = (now: Date, seconds: number): Date => new Date(now.getTime() + seconds * 1000)

interface Told {
  readonly name: Extract<EventName, `auditWitness.${string}`>
  readonly detail: Readonly<Record<string, string | number>>
}

const tell = ({ change }: WitnessDeps, tx: Transaction, { name, detail }: Told): Promise<void> =>
  change.event(tx, { name, resource: uid('System', systemId), detail })
