import { Refusal, type Input } from '@gatehouse/contract'
import type { Transaction } from '@gatehouse/database'
import { uid, type Handler } from '@gatehouse/enforcement'
import { exactTime } from '@gatehouse/kit'
import { leaseRevocation, secondsAfter } from './lease-terms.ts'
import { shownToken, unsealMaterial } from './lease-wrap.ts'
import { noteMisuse, openWrap, readWrap, type ShownWrapToken } from './lease-wrap.queries.ts'
import { readLease, type LeaseRow } from './lease.queries.ts'
import type { Backends } from './secret-backend.ts'
import type { SecretDeps } from './secret-deps.ts'
import type { Material } from './secret-provider.ts'
import { readRole } from './secret-role.queries.ts'

/** What opening wrapped credentials needs. */
export type UnwrapDeps = SecretDeps & { readonly backends: Backends }

/** A token that is brought again and again is an entry and an alert once in this time. */
const misuseSeconds = 60

/** Why a good token opens nothing, for the alert. */
type Misuse = 'opened before' | 'other role expected'

/** A good token, brought where it should not be: whoever has it is told, and so are those who are alerted. */
class MisusedToken extends Refusal {
  readonly misuse: Misuse

  constructor(misuse: Misuse, hint: string) {
    super('conflict', { hint })
    this.misuse = misuse
  }
}

/**
 * Gives a wrapped credential to whoever brings its token, once. A token that is wrong is refused like one of a lease
 * that is not there; who brings the right one is told why it opens nothing.
 */
export const unwrapLease =
  (deps: UnwrapDeps): Handler<'lease.unwrap'> =>
  async (permit) => {
    const token = shownToken(permit.input.token)
    if (token === null) throw new Refusal('not-found')
    const { row, material } = await deps
      .change(
        permit,
        (tx) => opened(deps, tx, { token, expected: permit.input.role }),
        ({ row }) => ({ workspace: row.workspace_id, detail: { role: row.role, backend: row.backend } }),
      )
      .catch(async (error: unknown) => {
        if (error instanceof MisusedToken) await reportMisuse(deps, token, error.misuse)
        throw error
      })
    return { lease: factsOf(deps, row), material }
  }

interface Opening {
  readonly token: ShownWrapToken
  readonly expected: Input<'lease.unwrap'>['role']
}

/** All of it in one transaction: what cannot be given out stays where it is. */
async function opened(
  deps: UnwrapDeps,
  tx: Transaction,
  { token, expected }: Opening,
): Promise<{ readonly row: LeaseRow; readonly material: Material }> {
  const { clock, sealer, leases } = deps
  const sealed = await openWrap(tx, { ...token, now: clock.now() })
  if (sealed === null) throw await whyNot(tx, token)
  const row = await leases.opened(tx, token.leaseId)
  if (expected !== undefined && !(await isOfRole(tx, row, expected)))
    throw new MisusedToken('other role expected', `this credential is of the role \`${row.role}\`; do not use it`)
  return { row, material: unsealMaterial(sealer, token, sealed) }
}

async function whyNot(tx: Transaction, token: ShownWrapToken): Promise<Refusal> {
  const wrap = await readWrap(tx, token)
  if (wrap === null) return new Refusal('not-found')
  if (wrap.opened_at === null)
    return new Refusal('lease-ended', {
      hint: 'its time to be opened is over, or its lease was ended; ask for another',
    })
  const at = exactTime(wrap.opened_at)
  return new MisusedToken(
    'opened before',
    `this credential was opened at ${at}; if that was not you, have its lease revoked: ${wrap.lease_id}`,
  )
}

/** By its name, or by the id that it has today. */
const isOfRole = async (tx: Transaction, row: LeaseRow, expected: string): Promise<boolean> =>
  row.role === expected || (await readRole(tx, expected))?.name === row.role

/** In a transaction of its own: the refusal that follows must not undo it. */
async function reportMisuse({ db, change, clock }: UnwrapDeps, token: ShownWrapToken, what: Misuse): Promise<void> {
  const now = clock.now()
  const lease = await readLease(db, token.leaseId)
  await db.transaction().execute(async (tx) => {
    const wrap = await noteMisuse(tx, { ...token, now, since: secondsAfter(now, -misuseSeconds) })
    if (wrap === null || lease === null) return
    await change.event(tx, {
      name: 'lease.wrapMisused',
      resource: uid('Lease', token.leaseId),
      workspace: lease.workspace_id,
      detail: { what, role: lease.role, backend: lease.backend, openedAt: wrap.opened_at?.toISOString() ?? null },
    })
  })
}

const factsOf = ({ backends }: UnwrapDeps, row: LeaseRow) => ({
  id: row.id,
  backend: row.backend,
  ...leaseRevocation(backends[row.backend].limits, row),
  role: row.role,
  purpose: row.purpose,
  principalName: row.principal_name,
  issuedAt: row.issued_at,
  expiresAt: row.expires_at,
})
