import { decodeUuidCursor, pageOf, Refusal, type Input, type Output } from '@gatehouse/contract'
import type { Transaction } from '@gatehouse/database'
import type { Handler, HandlersOf } from '@gatehouse/enforcement'
import { exactTime } from '@gatehouse/kit'
import { BackendError, backendRefusal } from '@gatehouse/secrets'
import { holdAuthorities } from './ssh-authority.queries.ts'
import { publishCas } from './ssh-certificate.queries.ts'
import type { SshDeps } from './ssh-deps.ts'
import { proveAuthority, reachAuthority, sealToken } from './vault-authority.ts'
import {
  authoritiesMax,
  countOnAuthority,
  insertVaultAuthority,
  listVaultAuthorities,
  noteVaultAuthority,
  readVaultAuthority,
  removeVaultAuthority,
  replaceVaultAuthority,
  type AuthorityPlace,
  type CountedAuthority,
  type StandingAuthority,
} from './vault-authority.queries.ts'
import { fingerprint, formatPublicKey, parsePublicKeyLine } from './wire/index.ts'

/**
 * How long hosts go on trusting a CA by which an authority signs no more: every certificate of its has ended by then,
 * and hosts' clocks differ.
 */
const previousSeconds = 25 * 3600

/** Authorities of others, which sign for hosts in place of our CA. `rotate` has a file of its own. */
export const sshAuthorityHandlers = (deps: SshDeps): Omit<HandlersOf<'sshAuthority'>, 'sshAuthority.rotate'> => ({
  'sshAuthority.configure': configure(deps),
  'sshAuthority.list': list(deps),
  'sshAuthority.probe': probe(deps),
  'sshAuthority.remove': remove(deps),
})

/** An authority that is there, by id or name. */
export async function requireAuthority({ db }: Pick<SshDeps, 'db'>, reference: string): Promise<StandingAuthority> {
  const row = await readVaultAuthority(db, reference)
  if (row === null) throw new Refusal('not-found')
  return row
}

/** A new authority, or another way to one that is there. What does not sign as it is asked is not kept. */
const configure =
  (deps: SshDeps): Handler<'sshAuthority.configure'> =>
  async (permit) => {
    const { db, clock, random } = deps
    const before = await readVaultAuthority(db, permit.input.name)
    const place = await provedPlace(deps, permit.input, before?.id ?? random.id())
    await deps.change(
      permit,
      async (tx) => {
        await holdAuthorities(tx)
        const held = await readVaultAuthority(tx, place.name)
        if (held?.id !== before?.id) throw changedJustNow()
        await (held === null ? add(tx, place) : replace(tx, { held, place, now: clock.now() }))
        if (held?.public_key !== place.public_key) await publishCas(tx, clock.now())
      },
      () => ({
        detail: {
          authority: place.id,
          fingerprint: fingerprint(parsePublicKeyLine(place.public_key)),
          replaced: before !== null,
        },
      }),
    )
    return countedAuthority(deps, place.id)
  }

/** One as it is shown. */
export async function countedAuthority(
  { db, clock }: Pick<SshDeps, 'db' | 'clock'>,
  id: string,
): Promise<Output<'sshAuthority.configure'>> {
  const { hosts } = await countOnAuthority(db, id, clock.now())
  return toAuthority({ ...(await requireAuthority({ db }, id)), hosts })
}

async function provedPlace(
  deps: SshDeps,
  { name, address, mount, role, token, ...input }: Input<'sshAuthority.configure'>,
  id: string,
): Promise<AuthorityPlace> {
  const certificate = input.certificate ?? null
  try {
    const key = await proveAuthority(deps, { address, mount, role, certificate, token })
    return {
      id,
      name,
      address,
      mount,
      role,
      certificate,
      token: sealToken(deps.sealer, id, token),
      public_key: formatPublicKey({ ...key, comment: '' }),
      checked_at: deps.clock.now(),
    }
  } catch (error) {
    throw backendRefusal(error)
  }
}

async function add(tx: Transaction, place: AuthorityPlace): Promise<void> {
  if (!(await insertVaultAuthority(tx, place)))
    throw new Refusal('conflict', { hint: `there are ${authoritiesMax} authorities already; see ssh-authority list` })
}

interface Replacing {
  readonly held: StandingAuthority
  readonly place: AuthorityPlace
  readonly now: Date
}

/** Where the CA is another, hosts trust the one before until all that it has signed has ended. */
async function replace(tx: Transaction, { held, place, now }: Replacing): Promise<void> {
  const { public_key: before, previous_key, previous_until } = held
  if (before === place.public_key) return replaceVaultAuthority(tx, place, { previous_key, previous_until })
  if (previous_until !== null && previous_until > now)
    throw new Refusal('conflict', {
      hint:
        `hosts trust the CA before its present one until ${exactTime(previous_until)}; to end that at once, ` +
        'have its hosts signed for by another authority (ssh-host update HOST --authority gatehouse)',
    })
  const until = new Date(now.getTime() + previousSeconds * 1000)
  await replaceVaultAuthority(tx, place, { previous_key: before, previous_until: until })
}

const changedJustNow = (): Refusal =>
  new Refusal('conflict', { hint: 'somebody has changed this authority just now; call again' })

const list =
  ({ db }: SshDeps): Handler<'sshAuthority.list'> =>
  async ({ input: { first, after } }) => {
    const rows = await listVaultAuthorities(db, { first, after: after === undefined ? null : decodeUuidCursor(after) })
    return pageOf(rows.map(toAuthority), first, (authority) => [authority.createdAt, authority.id])
  }

/** Tries one while somebody waits. */
const probe =
  (deps: SshDeps): Handler<'sshAuthority.probe'> =>
  async (permit) => {
    const row = await requireAuthority(deps, permit.input.id)
    const { id, name } = row
    await deps.change.intent(
      permit,
      () => Promise.resolve(),
      () => ({ detail: { authority: id } }),
    )
    const problem = await problemOf(deps, row)
    await deps.change(
      permit,
      (tx) => (problem === null ? noteVaultAuthority(tx, id, deps.clock.now()) : Promise.resolve()),
      () => ({ detail: { authority: id, usable: problem === null } }),
    )
    return { id, name, usable: problem === null, problem }
  }

async function problemOf(deps: SshDeps, row: StandingAuthority): Promise<string | null> {
  try {
    const key = await reachAuthority(deps, row, (way) => proveAuthority(deps, way))
    const known = formatPublicKey({ ...key, comment: '' }) === row.public_key
    return known
      ? null
      : 'its CA is another than the one that hosts trust: configure it again, and they come to trust it'
  } catch (error) {
    if (error instanceof BackendError) return error.message
    throw error
  }
}

const remove =
  (deps: SshDeps): Handler<'sshAuthority.remove'> =>
  async (permit) => {
    const { id, name } = await requireAuthority(deps, permit.input.id)
    const now = deps.clock.now()
    await deps.change(
      permit,
      async (tx) => {
        await holdAuthorities(tx)
        const { hosts, certificates } = await countOnAuthority(tx, id, now)
        if (hosts + certificates > 0)
          throw new Refusal('conflict', {
            hint:
              `it signs for ${hosts} hosts, and ${certificates} certificates of its can still be used: have them ` +
              'signed for by another one (ssh-host update HOST --authority gatehouse), and revoke what is alive',
          })
        await removeVaultAuthority(tx, id, now)
      },
      () => ({ detail: { authority: id, name } }),
    )
    return { id, name }
  }

const toAuthority = (row: CountedAuthority): Output<'sshAuthority.configure'> => ({
  id: row.id,
  name: row.name,
  address: row.address,
  mount: row.mount,
  role: row.role,
  publicKey: row.public_key,
  fingerprint: fingerprint(parsePublicKeyLine(row.public_key)),
  previousFingerprint: row.previous_key === null ? null : fingerprint(parsePublicKeyLine(row.previous_key)),
  hosts: row.hosts,
  checkedAt: row.checked_at,
  createdAt: row.created_at,
})
