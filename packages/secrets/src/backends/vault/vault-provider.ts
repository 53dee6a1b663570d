import { setTimeout as sleep } from 'node:timers/promises'
import { secret } from '@gatehouse/contract'
import type { Clock } from '@gatehouse/enforcement'
import type { Outbound } from '@gatehouse/kit/outbound'
import { z } from 'zod'
import { sweepBudgets } from '../../budgets.ts'
import type { BackendLimits, Testimony } from '../../secret-backend.ts'
import type { Looked, Material, NewCredential, ProvedPlace, SecretProvider, Target } from '../../secret-provider.ts'
import { noMaterial } from '../../material.ts'
import { BackendError } from '../backend-error.ts'
import { isRefusedBy, reachService, serviceAddress } from '../reach-service.ts'
import {
  clusterOf,
  endAlone,
  endChild,
  endLease,
  extendChild,
  extendLease,
  isLeaseGone,
  isPastItsEnd,
  leasesUnder,
  makeChild,
  makeLikeOwn,
  ownToken,
  readCredential,
  refuseWithout,
  renewOwn,
  type Child,
  type MadeCredential,
  type Vault,
} from './vault-server.ts'

/** What a Vault or OpenBao is reached with. */
const Settings = z.object({
  address: z.string(),
  token: z.string(),
  mount: z.string(),
  authority: z.string().nullable(),
})
type VaultSettings = z.output<typeof Settings>

/** What is read there for a credential, such as `creds/shop-read`. */
const Form = z.object({ path: z.string() })
type VaultForm = z.output<typeof Form>

/** By what a credential is found: the child of our token that it hangs on, and itself once it is known. */
const Handle = z.object({ accessor: z.string(), path: z.string(), leaseId: z.string().nullable() })
type VaultHandle = z.output<typeof Handle>

const limits = { ttlSecondsMin: 300, ttlSecondsMax: 86_400, renewable: true, revocation: 'deletes' } as const

/** How long a Vault is waited for, with all that is asked of it at once. */
export const vaultSeconds = { call: 15, find: 10, revoke: sweepBudgets.vault.waitSeconds - 1 } as const

/**
 * So long a child lives until its credential is whole: what a call that dies leaves behind it dies by itself then.
 * Longer than the call may take.
 */
const unfinishedSeconds = 90

export interface VaultDeps {
  readonly outbound: Outbound
  readonly clock: Clock
  readonly seconds: Readonly<Record<keyof typeof vaultSeconds, number>>
}

type Aim = Target<VaultSettings>

/** Dynamic engines of a Vault or OpenBao: a lease's credential is made under a token of its own, and dies with it. */
export function vaultProvider({
  outbound,
  clock,
  seconds,
}: VaultDeps): SecretProvider<VaultSettings, VaultForm, VaultHandle> {
  const vaultOf = ({ address, token, authority }: VaultSettings, secondsMax: number): Vault => ({
    service: reachService({ outbound, address, authority, secondsMax }),
    token: secret(token),
  })
  const at = async ({ settings, identity }: Aim, secondsMax: number): Promise<Vault> => {
    const vault = vaultOf(settings, secondsMax)
    if (identity === null || (await clusterOf(vault)) === identity) return vault
    throw new BackendError(
      'unfit',
      'another Vault answers there than the one that was configured; ' +
        'configure it again, with --moved if it is the same',
    )
  }
  return {
    kind: 'vault',
    limits,
    settings: Settings,
    form: Form,
    handle: Handle,
    probe: async (target) => proved(await at(target, seconds.call), target.settings),
    check: async (target, { path }) => refusePath(await at(target, seconds.call), pathIn(target.settings, path)),
    issue: async (target, credential, { path }) => {
      const vault = await at(target, seconds.call)
      if (credential.handle !== null) await ended(vault, credential.handle)
      const left = Math.max(1, Math.ceil((credential.lease.expiresAt.getTime() - clock.now().getTime()) / 1000))
      return secret(await made(vault, { credential, path: pathIn(target.settings, path), seconds: left }))
    },
    renew: async (target, { handle }, until) => {
      const vault = await at(target, seconds.call)
      const now = clock.now()
      const got = await renewedSeconds(vault, handle, Math.ceil((until.getTime() - now.getTime()) / 1000))
      return new Date(Math.min(until.getTime(), now.getTime() + got * 1000))
    },
    revoke: async (target, { handle }) => {
      if (handle !== null) await ended(await at(target, seconds.revoke), handle)
    },
    prove: async (target, { handle }) => lookedUp(await at(target, seconds.find), handle),
    find: async (target, looked) => found(await at(target, seconds.find), looked),
    renewed: async (target) => {
      return { ...target.settings, token: (await makeLikeOwn(await at(target, seconds.call))).expose() }
    },
    // what was made under the old one hangs on nothing then, and is followed by its own accessor
    replace: ({ settings }, renewed) => endAlone(vaultOf(renewed, seconds.call), secret(settings.token)),
    isRefused: isRefusedBy(403),
  }
}

/** The Vault's own lease of what its engine made: revoking it is what takes the credential away there. */
async function lookedUp(vault: Vault, handle: VaultHandle | null): Promise<Omit<Testimony, 'provider'>> {
  const leaseId = handle?.leaseId ?? null
  if (leaseId === null) throw new BackendError('unfit', 'it is not known what was made there')
  const dead = await isLeaseGone(vault, leaseId)
  return {
    dead,
    said: dead ? 'the Vault knows no such lease any more' : 'the Vault still has the lease',
    facts: { cluster: await clusterOf(vault), lease: leaseId },
  }
}

/** Engines of every Vault that give no credentials of others, and decide about it itself. */
const ownMounts: ReadonlySet<string> = new Set(['sys', 'auth', 'identity', 'cubbyhole'])

/** The whole path, however it was given. */
const pathIn = ({ mount }: VaultSettings, path: string): string =>
  path.startsWith(`${mount}/`) ? path : `${mount}/${path}`

async function proved(vault: Vault, { address, mount }: VaultSettings): Promise<ProvedPlace> {
  if (ownMounts.has(mount.split('/')[0] ?? '')) throw new BackendError('unfit', `\`${mount}\` gives no credentials`)
  const [identity, own] = [await clusterOf(vault), await ownToken(vault)]
  if (own.type !== 'service')
    throw new BackendError('unfit', `a ${own.type} token has no children: give a service token`)
  await refuseWithout(vault, {
    'auth/token/create': 'update',
    'auth/token/renew-accessor': 'update',
    'auth/token/revoke-accessor': 'update',
    'sys/leases/lookup': 'update',
    'sys/leases/renew': 'update',
    'sys/leases/revoke': 'update',
  })
  return { identity, shown: `${own.display_name}@${new URL(serviceAddress(address)).host}/${mount}` }
}

const refusePath = (vault: Vault, path: string): Promise<void> =>
  refuseWithout(vault, { [path]: 'read', [`sys/leases/lookup/${path}/`]: 'sudo' })

interface Making {
  readonly credential: NewCredential<VaultHandle>
  readonly path: string
  readonly seconds: number
}

/**
 * The child first, and what is kept of it; then what hangs on it. Until all is whole the child has little time, so that
 * a call that dies at any step leaves what dies by itself.
 */
async function made(vault: Vault, making: Making): Promise<Material> {
  const { credential, path, seconds } = making
  const { lease, backendId } = credential
  const child = await makeChild(vault, {
    name: `gatehouse-${lease.id}`,
    meta: { gatehouse_backend: backendId, gatehouse_lease: lease.id },
    ttlSeconds: Math.min(unfinishedSeconds, seconds),
    ttlSecondsMax: limits.ttlSecondsMax, // it may be renewed
  })
  const { accessor } = child
  try {
    await credential.keep({ accessor, path, leaseId: null })
    const given = await credentialOf(vault, { child, making })
    await credential.keep({ accessor, path, leaseId: given.lease_id })
    const got = await extendChild(vault, accessor, seconds)
    if (got < seconds - slackSeconds) throw tooShort('its tokens live', got)
    return materialOf(given)
  } catch (error) {
    await endChild(vault, accessor).catch(() => undefined) // what this does not end ends by itself
    throw error
  }
}

/** Vault counts whole seconds from its own moment. */
const slackSeconds = 30

const tooShort = (what: string, got: number): BackendError =>
  new BackendError('unfit', `in this Vault ${what} for ${got} s at most: ask for less, or raise its max_ttl`)

async function credentialOf(vault: Vault, { child, making }: { readonly child: Child; readonly making: Making }) {
  const { path, seconds } = making
  const given = await readCredential({ ...vault, token: child.token }, path)
  if (given.lease_id === '')
    throw new BackendError('unfit', `\`${path}\` gives no lease: only what a dynamic engine makes can be taken away`)
  if (given.lease_duration >= seconds) return given
  const got = await extendLease(vault, given.lease_id, seconds)
  if (got < seconds - slackSeconds) throw tooShort('a credential of this path lives', got)
  return given
}

/** The credential first: a child that lives longer than what hangs on it does no harm. Answers what both got. */
async function renewedSeconds(vault: Vault, handle: VaultHandle | null, seconds: number): Promise<number> {
  const leaseId = handle?.leaseId ?? null
  if (handle === null || leaseId === null) throw new BackendError('unfit', 'it is not known what was made there')
  const credential = await extendLease(vault, leaseId, seconds)
  return Math.min(credential, await extendChild(vault, handle.accessor, seconds))
}

const lookAgainMilliseconds = 100

/** Ends a credential and its child, and comes back once nothing is left of them. */
async function ended(vault: Vault, { accessor, path, leaseId }: VaultHandle): Promise<void> {
  if (leaseId !== null) {
    await endLease(vault, leaseId)
    if (!(await isLeaseGone(vault, leaseId))) throw leftBehind(path)
  }
  await endChild(vault, accessor)
  // what hangs on it and has no name that we know is taken away a moment later
  while (leaseId === null && (await anyPastItsEnd(vault, path))) {
    if (vault.service.left() < 1) throw leftBehind(path)
    await sleep(lookAgainMilliseconds)
  }
}

const leftBehind = (path: string): BackendError =>
  new BackendError('left-behind', `a credential of \`${path}\` is past its end and still there; see Vault's own log`)

async function anyPastItsEnd(vault: Vault, path: string): Promise<boolean> {
  for (const leaseId of await leasesUnder(vault, path)) if (await isPastItsEnd(vault, leaseId)) return true
  return false
}

/** Of the active ones those that their Vault still lists. What has no row of ours dies by itself: see `made`. */
async function found(vault: Vault, { active }: Looked<VaultHandle>) {
  if ((await ownToken(vault)).renewable) await renewOwn(vault)
  const listed = new Set<string>()
  const paths = new Set(active.flatMap(({ handle }) => (handle === null ? [] : [handle.path])))
  for (const path of paths) for (const leaseId of await leasesUnder(vault, path)) listed.add(leaseId)
  return active.flatMap(({ leaseId, handle }) =>
    listed.has(handle?.leaseId ?? '') ? [{ leaseId, tagged: true } as const] : [],
  )
}

/** Engines call what they make by names of their own. */
function materialOf({ data }: MadeCredential): Material {
  const fields = Object.entries(data ?? {}).map(([name, value]) => ({ name, value: secret(textOf(value)) }))
  const { username, password } = data ?? {}
  return {
    ...noMaterial,
    kind: 'vault',
    username: typeof username === 'string' ? username : null,
    password: typeof password === 'string' ? secret(password) : null,
    fields,
  }
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value))

/** What the kind allows, for who decides about it. */
export const vaultLimits: BackendLimits = limits
