import { Refusal, type OperationName, type ResourceType } from '@gatehouse/contract'
import type { Store, Transaction } from '@gatehouse/database'
import {
  decideAgain,
  type Decider,
  type Decision,
  type DecisionRequest,
  type Permit,
  type RowVersion,
  type Slice,
  type Slices,
} from '@gatehouse/enforcement'
import { holdRows, type HeldRow } from './decided-rows.queries.ts'

export interface HoldDeps {
  readonly slices: Slices<Store>
  /** Things that others are made under or belong to: a hundred calls at once must not queue for one of them. */
  readonly parents: ReadonlySet<ResourceType>
  readonly decider: Decider
}

/** What an entry rests on: the decision as it stands inside the transaction. */
export interface Decided {
  readonly slice: Slice | null
  readonly decision: Decision
  readonly request: DecisionRequest | null
}

/**
 * Holds the rows that permits on one resource were decided on, and answers the decisions in their order; a permit whose
 * rows have moved since is decided again on what is there now. Throws `Refusal` where one of them is denied then.
 */
export async function holdDecisions<N extends OperationName>(
  deps: HoldDeps,
  tx: Transaction,
  permits: readonly Permit<N>[],
): Promise<Decided[]> {
  const [first] = permits
  const decided = first?.slice ?? null
  if (first === undefined || decided === null || decided.versions.length === 0) return permits.map(asDecided)
  const rows = heldRows(first.name, decided, deps)
  const held = await holdRows(tx, rows)
  const stands = ({ slice }: Permit<N>): boolean =>
    slice?.versions.length === rows.length &&
    slice.versions.every(({ table, id, version }, index) => {
      const row = rows[index]
      return row?.table === table && row.id === id && held.get(String(index)) === version
    })
  if (permits.every(stands)) return permits.map(asDecided)
  const now = await deps.slices[decided.resource.type](tx, decided.resource.id)
  if (now === null) throw new Refusal('not-found')
  return permits.map((permit) => (stands(permit) ? asDecided(permit) : decidedOn(now, permit, deps)))
}

/** A decision as it was made. */
export const asDecided = ({ slice, decision, request }: Decided): Decided => ({ slice, decision, request })

function decidedOn<N extends OperationName>(now: Slice, permit: Permit<N>, { decider }: HoldDeps): Decided {
  const again = decideAgain(decider, permit, now)
  const { effect, policies } = again.decision
  if (effect === 'deny')
    throw new Refusal('forbidden', { reason: policies.length > 0 ? 'forbid' : 'no-permit', policies: [...policies] })
  return { slice: now, ...again }
}

/**
 * The rows that permits on one resource were all decided on, where they are only held by what is done; null where they
 * are not the same, or are the change's to write.
 */
export function standingRows<N extends OperationName>(
  permits: readonly Permit<N>[],
  deps: Pick<HoldDeps, 'parents'>,
): readonly HeldRow[] | null {
  const [first, ...others] = permits
  if (first === undefined || first.slice === null || first.slice.versions.length === 0) return null
  const rows = heldRows(first.name, first.slice, deps)
  const areSame = ({ slice }: Permit<N>): boolean =>
    slice?.versions.length === rows.length && slice.versions.every((one, index) => isSame(one, rows[index]))
  return rows.every(({ hold }) => hold === 'share') && others.every(areSame) ? rows : null
}

const isSame = (one: RowVersion, other: RowVersion | undefined): boolean =>
  one.table === other?.table && one.id === other.id && one.version === other.version

/**
 * The resource's own row is the change's to write, unless the operation makes something else under it; the rows above
 * are only held.
 */
const heldRows = (name: OperationName, slice: Slice, { parents }: Pick<HoldDeps, 'parents'>): HeldRow[] =>
  slice.versions.map((row, index) => ({
    ...row,
    hold:
      index === 0 && (isOwnNoun(name, slice.resource.type) || !parents.has(slice.resource.type)) ? 'update' : 'share',
  }))

/** `sshHost.check` on an `SshHost`, but not `sshKey.generate` on one. */
const isOwnNoun = (name: OperationName, type: string): boolean =>
  name.startsWith(`${type.charAt(0).toLowerCase()}${type.slice(1)}.`)
