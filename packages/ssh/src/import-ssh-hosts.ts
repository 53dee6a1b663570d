import { Refusal, type FieldProblem, type Input, type Output } from '@gatehouse/contract'
import type { Transaction } from '@gatehouse/database'
import type { Handler, Permit } from '@gatehouse/enforcement'
import { canonicalAddress, sourceAddressesOf } from './host-fields.ts'
import { refuseSameHost, requireHostKeys } from './host-identity.ts'
import { givenKey, keyToPin, type PinnedKey } from './pinned-key.ts'
import { registrationRow } from './register-ssh-host.ts'
import type { SshDeps } from './ssh-deps.ts'
import { findHeldKeys } from './ssh-host-key.queries.ts'
import { findSameHost, holdHostIdentities, insertHost } from './ssh-host.queries.ts'
import { fingerprint } from './wire/index.ts'

type Wish = Input<'sshHost.import'>['hosts'][number]
type ImportPermit = Permit<'sshHost.import'>

/** So many hosts are contacted side by side: with those that do not answer, a full list takes four times that long. */
const contactsAtOnce = 25

/** As many as fit on a screen; who has more wrong rows has one thing wrong with all of them. */
const problemsMax = 20

/** A row that can be registered as far as it was looked at. */
interface Prepared {
  readonly wish: Wish
  readonly address: string
  readonly sourceAddresses: readonly string[]
  readonly pinned: PinnedKey
}

/**
 * Registers many hosts, all or none, each as if it were registered alone: contacted, its key pinned, name, address and
 * keys once in the whole system. Everything that is wrong is told at once, row by row.
 */
export const importSshHosts =
  (deps: SshDeps): Handler<'sshHost.import'> =>
  async (permit) => {
    if (permit.slice === null) throw new Refusal('not-found')
    refuse(repeated(permit.input.hosts))
    const prepared = await prepareAll(deps, permit)
    if (permit.input.dryRun) return look(deps, permit, prepared)
    const ids = await deps.change(
      permit,
      (tx) => registerAll(deps, tx, { permit, prepared }),
      (made) => ({ detail: { registered: made.length, hosts: made } }),
    )
    return { registered: ids.length, hosts: prepared.map((one, index) => shown(one, ids[index] ?? null)) }
  }

/** Two rows that are one host, by name or by address and port. */
function repeated(hosts: readonly Wish[]): FieldProblem[] {
  const firstAt = new Map<string, number>()
  const problems: FieldProblem[] = []
  for (const [index, { name, address, port }] of hosts.entries())
    for (const [field, key] of [
      ['name', `name ${name.toLowerCase()}`],
      ['address', `place ${address} ${port}`],
    ] as const) {
      const first = firstAt.get(key)
      if (first === undefined) firstAt.set(key, index)
      else problems.push({ path: `hosts.${index}.${field}`, message: `each host once; hosts.${first} is the same` })
    }
  return problems
}

async function prepareAll(deps: SshDeps, permit: ImportPermit): Promise<readonly Prepared[]> {
  const { hosts } = permit.input
  const results: (Prepared | readonly FieldProblem[])[] = []
  const queue = hosts.entries()
  const contact = async (): Promise<void> => {
    for (const [index, wish] of queue) results[index] = await atRow(index, () => prepare(deps, permit, wish))
  }
  await Promise.all(Array.from({ length: Math.min(contactsAtOnce, hosts.length) }, contact))
  refuse(results.flatMap((result) => ('wish' in result ? [] : result)))
  return results.flatMap((result) => ('wish' in result ? [result] : []))
}

async function prepare(deps: SshDeps, { input, call }: ImportPermit, wish: Wish): Promise<Prepared> {
  const address = canonicalAddress(wish.address)
  const told = wish.sourceAddresses ?? input.sourceAddresses
  const sourceAddresses = sourceAddressesOf({ sourceAddresses: told, address }, call)
  const pinned = await keyToPin(deps, { address, port: wish.port }, givenKey(wish.hostKey))
  return { wish, address, sourceAddresses, pinned }
}

/** What is wrong with one row, by its place; what is no refusal is nobody's row. */
async function atRow<T>(index: number, work: () => Promise<T>): Promise<T | readonly FieldProblem[]> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    const { fields, hint } = error.details
    if (fields !== undefined) return fields.map(({ path, message }) => ({ path: `hosts.${index}.${path}`, message }))
    return [{ path: `hosts.${index}`, message: hint ?? error.message }]
  }
}

function refuse(fields: readonly FieldProblem[]): void {
  if (fields.length > 0) throw new Refusal('invalid-input', { fields: fields.slice(0, problemsMax) })
}

interface Registration {
  readonly permit: ImportPermit
  readonly prepared: readonly Prepared[]
}

async function registerAll(deps: SshDeps, tx: Transaction, { permit, prepared }: Registration): Promise<string[]> {
  await holdHostIdentities(tx)
  const ids: string[] = []
  const problems: FieldProblem[] = []
  for (const [index, one] of prepared.entries()) {
    const made = await atRow(index, () => registerOne(deps, tx, { permit, one }))
    if (typeof made === 'string') ids.push(made)
    else problems.push(...made)
  }
  refuse(problems)
  return ids
}

async function registerOne(
  { random, clock }: SshDeps,
  tx: Transaction,
  { permit: { principal, slice }, one }: { readonly permit: ImportPermit; readonly one: Prepared },
): Promise<string> {
  const { wish, address, sourceAddresses, pinned } = one
  const workspaceId = slice?.resource.id ?? ''
  const row = registrationRow(
    { ...wish, otpAddresses: [], unbound: false },
    { id: random.id(), workspaceId, address, sourceAddresses, pinned, now: clock.now() },
  )
  await refuseSameHost(tx, principal, { ...row, workspaceId, except: null })
  const written = await insertHost(tx, row)
  if (written === null) throw new Refusal('conflict', { hint: 'another host was registered just now; try again' })
  await requireHostKeys(tx, principal, { host: written, keys: pinned.keys })
  return written.id
}

/** Compares with what is registered, and writes nothing but that somebody looked. */
async function look(
  { db, change }: SshDeps,
  permit: ImportPermit,
  prepared: readonly Prepared[],
): Promise<Output<'sshHost.import'>> {
  const problems: FieldProblem[] = []
  for (const [index, { wish, address, pinned }] of prepared.entries()) {
    const same = await findSameHost(db, { name: wish.name, address, port: wish.port, except: null })
    const held = await findHeldKeys(db, pinned.keys.map(fingerprint))
    if (same !== null || held.length > 0)
      problems.push({
        path: `hosts.${index}`,
        message: 'a host with this name, this address and port, or this key is registered already',
      })
  }
  refuse(problems)
  await change(
    permit,
    () => Promise.resolve(),
    () => ({ detail: { looked: prepared.length } }),
  )
  return { registered: 0, hosts: prepared.map((one) => shown(one, null)) }
}

const shown = ({ wish, address, pinned }: Prepared, id: string | null): Output<'sshHost.import'>['hosts'][number] => ({
  id,
  name: wish.name,
  address,
  port: wish.port,
  hostKeyFingerprint: fingerprint(pinned.key),
  reachable: pinned.proved,
})
