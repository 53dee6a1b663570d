import { BackendName, decodeUuidCursor, invalidField, pageOf, Refusal } from '@gatehouse/contract'
import type { Handler, HandlersOf } from '@gatehouse/enforcement'
import { shownText } from '@gatehouse/kit'
import { BackendError } from './backends/backend-error.ts'
import { settingsIn } from './given-kind.ts'
import { fieldRefusal, reachBackend, sealSettings } from './reach-backend.ts'
import { reconcileBackends } from './reconcile-backends.ts'
import { rotateBackend } from './rotate-backend.ts'
import {
  backendsMax,
  countOn,
  holdBackend,
  insertBackend,
  noteAnswer,
  readBackend,
  removeBackend,
  replaceSettings,
  selectBackends,
  type NewBackend,
  type StandingBackend,
} from './secret-backend.queries.ts'
import type { SecretDeps } from './secret-deps.ts'
import type { ProvedPlace, ProviderKind } from './secret-provider.ts'
import { toBackend } from './secret-view.ts'

/** Places that give credentials. */
export const secretBackendHandlers = (deps: SecretDeps): HandlersOf<'secretBackend'> => ({
  'secretBackend.configure': configure(deps),
  'secretBackend.list': list(deps),
  'secretBackend.probe': probe(deps),
  'secretBackend.rotate': rotateBackend(deps),
  'secretBackend.remove': remove(deps),
  'secretBackend.reconcile': reconcileBackends(deps),
})

/** A backend that is there. Refuses `not-found`. */
export async function requireBackend({ db }: Pick<SecretDeps, 'db'>, reference: string): Promise<StandingBackend> {
  const row = await readBackend(db, reference)
  if (row === null) throw new Refusal('not-found')
  return row
}

/** A new backend, or another way to one that is there. What does not work is not kept. */
const configure =
  (deps: SecretDeps): Handler<'secretBackend.configure'> =>
  async (permit) => {
    const { name, moved } = permit.input
    const { kind, settings } = settingsIn(permit.input)
    const before = await readBackend(deps.db, name)
    if (before !== null && before.kind !== kind)
      throw invalidField('name', `another name: there is a backend of kind ${before.kind} that has it`)
    if (before === null) refuseKindAsName(name)
    const proved = await provedPlace(deps, kind, settings)
    const id = before?.id ?? deps.random.id()
    const one = { id, name, kind, settings: sealSettings(deps.sealer, id, settings), ...proved, now: deps.clock.now() }
    await deps.change(
      permit,
      async (tx) => {
        if (before !== null) return replace(deps, { tx, one, moved })
        if (!(await insertBackend(tx, one)))
          throw new Refusal('conflict', {
            hint: `there is a backend of that name now, or there are ${backendsMax} already; see secret-backend list`,
          })
      },
      () => ({ detail: { backend: id, kind, shown: proved.shown, replaced: before !== null } }),
    )
    return toBackend(await requireBackend(deps, id), deps.providers)
  }

/** Where leases are named by their backend, a kind means all backends of it: such a name would end the others'. */
function refuseKindAsName(name: string): void {
  const kinds = BackendName.options
  if (kinds.some((kind) => kind === name))
    throw invalidField('name', `another name: \`${name}\` stands for all backends of a kind (${kinds.join(', ')})`)
}

async function provedPlace({ providers }: SecretDeps, kind: ProviderKind, settings: unknown): Promise<ProvedPlace> {
  try {
    return presentable(await providers[kind].probe({ settings, identity: null }))
  } catch (error) {
    throw fieldRefusal(error, kind)
  }
}

/** Both are kept and shown from now on, and are in the words of whatever answers there. */
function presentable({ identity, shown }: ProvedPlace): ProvedPlace {
  if (identity.length > identityCharsMax) throw new BackendError('unfit', 'what answers there says who it is at length')
  return { identity, shown: shownText(shown).slice(0, shownCharsMax).toWellFormed() }
}

/** Longer than what any of the kinds says that it is. */
const identityCharsMax = 200

/** A line of a table; a user, a host and a database fit. */
const shownCharsMax = 300

interface Replacing {
  readonly tx: Parameters<typeof holdBackend>[0]
  readonly one: NewBackend
  readonly moved: boolean
}

/** Credentials that live are ended where they were made: another server would say that they are not there. */
async function replace({ clock }: SecretDeps, { tx, one, moved }: Replacing): Promise<void> {
  const held = await holdBackend(tx, one.id)
  if (held === null) throw new Refusal('conflict', { hint: 'it was removed just now; call again to make it anew' })
  if (held.rotating_until !== null && held.rotating_until > clock.now())
    throw new Refusal('conflict', { hint: 'its secret is being rotated; call again in a minute' })
  if (held.identity !== one.identity && !moved) {
    const { leases } = await countOn(tx, one.id)
    if (leases > 0)
      throw new Refusal('conflict', {
        hint:
          `this is another server or database, and ${leases} leases of the one before live; revoke them first, ` +
          'or say --moved if their credentials are on this one (after an upgrade, say)',
      })
  }
  await replaceSettings(tx, one)
}

const list =
  ({ db, providers }: SecretDeps): Handler<'secretBackend.list'> =>
  async ({ input: { first, after } }) => {
    const place = after === undefined ? null : decodeUuidCursor(after)
    const rows = await selectBackends(db, { after: place, limit: first + 1 })
    return pageOf(
      rows.map((row) => toBackend(row, providers)),
      first,
      (backend) => [backend.createdAt, backend.id],
    )
  }

/** Tries one while somebody waits, and says what came of it. */
const probe =
  (deps: SecretDeps): Handler<'secretBackend.probe'> =>
  async (permit) => {
    const row = await requireBackend(deps, permit.input.id)
    const { id, name } = row
    await deps.change.intent(
      permit,
      () => Promise.resolve(),
      () => ({ detail: { backend: id } }),
    )
    const startedAt = performance.now()
    const problem = await problemOf(reachBackend(deps, row, (provider, target) => provider.probe(target)))
    const milliseconds = Math.round(performance.now() - startedAt)
    await deps.change(
      permit,
      (tx) => noteAnswer(tx, { id, error: problem, now: deps.clock.now() }),
      () => ({ detail: { backend: id, usable: problem === null } }),
    )
    return { id, name, usable: problem === null, problem, milliseconds }
  }

async function problemOf(asked: Promise<unknown>): Promise<string | null> {
  try {
    await asked
    return null
  } catch (error) {
    if (error instanceof BackendError) return error.message
    throw error
  }
}

const remove =
  (deps: SecretDeps): Handler<'secretBackend.remove'> =>
  async (permit) => {
    const { id, name } = await requireBackend(deps, permit.input.id)
    await deps.change(
      permit,
      async (tx) => {
        if ((await holdBackend(tx, id)) === null) throw new Refusal('not-found')
        const { roles, leases } = await countOn(tx, id)
        if (roles + leases > 0)
          throw new Refusal('conflict', {
            hint:
              `${roles} roles and ${leases} living leases are of it; delete and revoke them first ` +
              `(gatehouse secret-role list --backend ${name}, lease list)`,
          })
        await removeBackend(tx, id, deps.clock.now())
      },
      () => ({ detail: { backend: id, name } }),
    )
    return { id, name }
  }
