import { pageOf, Refusal, type OperationName, type Output } from '@gatehouse/contract'
import type { Change } from '@gatehouse/audit'
import type { Store } from '@gatehouse/database'
import type { Clock, Directory, Handler, Permit, Random } from '@gatehouse/enforcement'
import { createTurns, isUuid, type Turns } from '@gatehouse/kit'
import { createPace } from './access/pace.ts'
import { hasAdministrator } from './administrators.ts'
import {
  findBefore,
  findChange,
  findPin,
  pinChange,
  selectChanges,
  type NewPolicyChange,
} from './policy-change.queries.ts'
import type { BundleAge, CheckedSet, PolicyEngine } from './policy-engine.ts'
import { PolicyError } from './policy-problem.ts'
import { keptFiles, type PolicySet } from './policy-set.ts'
import type { PreparedSet } from './prepared-set.ts'
import type { SourceFile } from './policy-source.ts'

export interface PublishDeps {
  readonly engine: PolicyEngine
  readonly db: Store
  readonly change: Change
  readonly clock: Clock
  readonly random: Pick<Random, 'id'>
  readonly directory: Pick<Directory<Store>, 'activePeople'>
  readonly status: () => Promise<Output<'policy.status'>>
}

/** Half of what a turn may take. */
const decisionsPerTurn = 50

/** What is published, and how one goes back. */
export function publishHandlers(given: PublishDeps): {
  readonly 'policy.publish': Handler<'policy.publish'>
  readonly 'policy.history': Handler<'policy.history'>
  readonly 'policy.files': Handler<'policy.files'>
  readonly 'policy.rollback': Handler<'policy.rollback'>
} {
  const deps: Publishing = { ...given, turns: createTurns() }
  return {
    'policy.publish': async (permit) => {
      const instead = await pinNow(deps)
      const files = permit.input.files?.map(({ path, text }): SourceFile => ({ file: path, text })) ?? null
      const { reason } = permit.input
      return putInForce(deps, permit, { kind: 'published', reason, instead, ...(await checked(deps, files, 'newest')) })
    },
    'policy.history': async ({ input }) => {
      const { version } = deps.engine.status()
      const changes = await selectChanges(deps.db, input)
      const items = changes.map(({ schemaVersion: _schema, last, ...facts }) => ({
        ...facts,
        inForce: last && facts.version === version,
      }))
      return pageOf(items, input.first, ({ at, id }) => [at, id])
    },
    'policy.files': async ({ input }) => {
      const { version, files } = await filesOf(deps, input.change)
      return { version, files: files.map(({ file, text }) => ({ path: file, text })) }
    },
    'policy.rollback': async (permit) => {
      const instead = await pinNow(deps)
      const { files } = await requireEarlier(deps, permit.input.to ?? null)
      const { reason } = permit.input
      return putInForce(deps, permit, { kind: 'rolledBack', reason, instead, ...(await checked(deps, files, 'any')) })
    },
  }
}

/** The same, with a row in which sets are tried out: the engine holds one beside the one in force at a time. */
interface Publishing extends PublishDeps {
  readonly turns: Turns
}

/** What is published at this moment, also by another node; null: nothing is. From here on it may not change. */
async function pinNow({ engine, db }: PublishDeps): Promise<string | null> {
  await engine.takePublished()
  return (await findPin(db))?.id ?? null
}

/** A set that is no good is the caller's to mend: they are told file, line and reason. */
async function checked(
  { engine }: PublishDeps,
  files: readonly SourceFile[] | null,
  age: BundleAge,
): Promise<CheckedSet> {
  try {
    return await engine.check(files, age)
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error
    const message = 'these policies are not valid; the set in force stays'
    throw new Refusal('conflict', { hint: error.message }, { message, cause: error })
  }
}

async function filesOf(
  { engine, db }: PublishDeps,
  id: string | undefined,
): Promise<{ readonly version: string; readonly files: readonly SourceFile[] }> {
  if (id === undefined) return engine.inForce().set
  const change = isUuid(id) ? await findChange(db, id) : null
  if (change === null) throw new Refusal('not-found', { hint: 'policy history lists those that are kept' })
  return change
}

async function requireEarlier({ engine, db }: PublishDeps, to: string | null): Promise<NewPolicyChange> {
  const { version } = engine.status()
  const id = to ?? (await findBefore(db, version))
  const change = id === null || !isUuid(id) ? null : await findChange(db, id)
  if (change === null) {
    const message =
      to === null ? 'there is no earlier policy set to go back to' : 'no policy set of the history has this id'
    throw new Refusal('conflict', { hint: 'policy history lists those that are kept' }, { message })
  }
  if (change.version === version) throw new Refusal('conflict', {}, { message: 'this policy set is in force already' })
  return change
}

interface Putting extends CheckedSet {
  readonly kind: 'published' | 'rolledBack'
  readonly reason: string
  /** The pin that stood when it was asked for. */
  readonly instead: string | null
}

/** Written first and taken then: every node takes what is written, also where this one dies on the next line. */
async function putInForce<N extends Extract<OperationName, 'policy.publish' | 'policy.rollback'>>(
  deps: Publishing,
  permit: Permit<N>,
  { kind, set, bundle, reason, instead }: Putting,
): Promise<Output<'policy.status'>> {
  await deps.turns.take(() => requireWayBack(deps, permit.call.address, set))
  const { version: before } = deps.engine.status()
  const { version, schemaVersion } = set
  const signed = bundle === null ? {} : { signedBy: bundle.signedBy, signedAt: bundle.signedAt.toISOString() }
  const change: NewPolicyChange = {
    id: deps.random.id(),
    at: deps.clock.now(),
    kind,
    version,
    schemaVersion,
    files: keptFiles(set),
    policies: set.policies.length,
    changedBy: permit.principal.type === 'User' ? permit.principal.id : null,
    reason,
  }
  await deps.change(
    permit,
    async (tx) => {
      if (await pinChange(tx, { change, filesVersion: deps.engine.filesVersion(), instead })) return
      const message = 'another policy set came into force meanwhile; nothing was changed'
      throw new Refusal('conflict', { hint: 'look at policy history, then ask again' }, { message })
    },
    () => ({ detail: { change: change.id, version, before, policies: change.policies, ...signed } }),
  )
  await deps.engine.takePublished()
  return deps.status()
}

/** Refuses what would newly shut out everybody who may change policies, or newly close emergency access. */
async function requireWayBack(deps: PublishDeps, address: string, set: PolicySet): Promise<void> {
  const candidate = deps.engine.tryOut(set)
  await requireAdministrator(deps, address, candidate)
  const hint = await deps.engine.whyClosed(candidate, address)
  if (hint === null) return
  const message = 'by this set nobody could get emergency access any more; the set in force stays'
  throw new Refusal('conflict', { hint }, { message })
}

async function requireAdministrator(
  { engine, db, clock, directory }: PublishDeps,
  address: string,
  candidate: PreparedSet,
): Promise<void> {
  const { step } = createPace(decisionsPerTurn)
  const options = { people: await directory.activePeople(db), address, now: clock.now(), step }
  if (await hasAdministrator(candidate, options)) return
  if (!(await hasAdministrator(engine.inForce(), options))) return
  const message = 'by this set nobody could publish policies any more; the set in force stays'
  throw new Refusal(
    'conflict',
    { hint: 'let at least one active person log in with two factors and do policy.publish' },
    { message },
  )
}
