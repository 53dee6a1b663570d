import { createHmac } from 'node:crypto'
import { secret, type Secret } from '@gatehouse/contract'
import type { Clock } from '@gatehouse/enforcement'
import type { Outbound } from '@gatehouse/kit/outbound'
import { z } from 'zod'
import { sweepBudgets } from '../../budgets.ts'
import type { BackendLimits, Testimony } from '../../secret-backend.ts'
import { noMaterial } from '../../material.ts'
import type { CredentialRef, Material, NewCredential, SecretProvider, Target } from '../../secret-provider.ts'
import { BackendError } from '../backend-error.ts'
import { isRefusedBy, reachService } from '../reach-service.ts'
import {
  accountsOf,
  endSub,
  endToken,
  grant,
  isSubGone,
  makeSub,
  makeToken,
  ungrant,
  type Upcloud,
} from './upcloud-account.ts'

/** What an account is reached with. */
const Settings = z.object({ username: z.string(), password: z.string(), endpoint: z.string().nullable() })
type UpcloudSettings = z.output<typeof Settings>

const Permission = z.object({ targetType: z.string(), target: z.string() })
const Form = z.object({ permissions: z.array(Permission).min(1), addresses: z.array(z.string()).default([]) })
type UpcloudForm = z.output<typeof Form>

/** What a sub-account was given: its name is the lease's. */
const Handle = z.object({ permissions: z.array(Permission), tokenId: z.string().nullable() })
type UpcloudHandle = z.output<typeof Handle>

const limits = { ttlSecondsMin: 1800, ttlSecondsMax: 28_800, renewable: false, revocation: 'deletes' } as const

/** How long UpCloud is waited for, with all that is asked of it at once. */
export const upcloudSeconds = { call: 20, find: 10, revoke: sweepBudgets.upcloud.waitSeconds - 1 } as const

export interface UpcloudDeps {
  readonly outbound: Outbound
  readonly clock: Clock
  readonly seconds: Readonly<Record<keyof typeof upcloudSeconds, number>>
}

const ownEndpoint = 'https://api.upcloud.com'
const version = '/1.3'

/** Accounts of UpCloud: a lease's credential is a token of a sub-account of its own, which is deleted with it. */
export function upcloudProvider({
  outbound,
  clock,
  seconds,
}: UpcloudDeps): SecretProvider<UpcloudSettings, UpcloudForm, UpcloudHandle> {
  const reach = ({ username, password, endpoint }: UpcloudSettings, secondsMax: number): Upcloud => {
    const url = URL.parse(endpoint ?? ownEndpoint)
    if (url === null) throw new BackendError('unfit', 'the endpoint does not begin with https://')
    const base = url.pathname === '/' ? version : url.pathname.replace(/\/$/, '')
    const contact = { outbound, address: endpoint === null ? ownEndpoint : originIn(url), authority: null, secondsMax }
    return { service: reachService(contact), base, username, password: secret(password) }
  }
  const at = async ({ settings, identity }: Target<UpcloudSettings>, secondsMax: number): Promise<Upcloud> => {
    const upcloud = reach(settings, secondsMax)
    if (identity === null || (await mainOf(upcloud)) === identity) return upcloud
    throw new BackendError('unfit', 'another account answers than the one that was configured; configure it again')
  }
  return {
    kind: 'upcloud',
    limits,
    settings: Settings,
    form: Form,
    handle: Handle,
    probe: async (target) => {
      const upcloud = await at(target, seconds.call)
      const host = new URL(target.settings.endpoint ?? ownEndpoint).host
      return { identity: await mainOf(upcloud), shown: `${upcloud.username}@${host}` }
    },
    check: async (target) => void (await at(target, seconds.call)),
    issue: async (target, credential, form) => {
      const upcloud = await at(target, seconds.call)
      return secret(await made(upcloud, { credential, form, clock, username: subOf(credential) }))
    },
    revoke: async (target, credential) => ended(await at(target, seconds.revoke), credential),
    prove: async (target, credential) => lookedUp(await at(target, seconds.find), subOf(credential)),
    find: async (target, { backendId }) => found(await at(target, seconds.find), backendId),
    renewed: () =>
      Promise.reject(
        new BackendError('unfit', 'UpCloud changes a password in its control panel alone; configure the backend anew'),
      ),
    replace: () => Promise.resolve(), // nothing is renewed
    isRefused: isRefusedBy(401),
  }
}

const originIn = (url: URL): string => {
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '')
    throw new BackendError('unfit', 'the endpoint has more than a host, a port and a path')
  return url.origin
}

/** Which account it is, by its own word. */
async function mainOf(upcloud: Upcloud): Promise<string> {
  const main = (await accountsOf(upcloud)).find(({ type }) => type === 'main')
  if (main === undefined) throw new BackendError('unfit', 'the account has no main account')
  return main.username
}

/** Names have at most 64 characters: half of the backend's id says whose it is, all of the lease's which. */
const prefixOf = (backendId: string): string => `gh-${backendId.replaceAll('-', '').slice(-16)}-`
const subOf = ({ backendId, lease }: CredentialRef<unknown>): string =>
  `${prefixOf(backendId)}${lease.id.replaceAll('-', '')}`

/** Nobody is told it, and it need not be kept: whoever has the account's own can work it out again. */
const subPassword = ({ password }: Upcloud, username: string): Secret<string> =>
  secret(createHmac('sha256', password.expose()).update(`gatehouse sub-account ${username}`).digest('base64url'))

const asSub = (upcloud: Upcloud, username: string): Upcloud => ({
  ...upcloud,
  username,
  password: subPassword(upcloud, username),
})

/** UpCloud takes ranges; one address is one of them. */
const rangeOf = (address: string): string => {
  if (address.includes('/')) return address
  return `${address}/${address.includes(':') ? 128 : 32}`
}

const everywhere = ['0.0.0.0/0', '::/0']

interface Making {
  readonly credential: NewCredential<UpcloudHandle>
  readonly form: UpcloudForm
  readonly clock: Clock
  /** Of the sub-account. */
  readonly username: string
}

async function made(upcloud: Upcloud, making: Making): Promise<Material> {
  const { credential, form, username } = making
  await endSub(upcloud, username) // what an earlier try has left
  await credential.keep({ permissions: form.permissions, tokenId: null })
  try {
    return await filled(upcloud, making)
  } catch (error) {
    await endSub(upcloud, username).catch(() => undefined) // what this does not end is found by its name
    throw error
  }
}

async function filled(upcloud: Upcloud, { credential, form, clock, username }: Making): Promise<Material> {
  const { permissions, addresses } = form
  await makeSub(upcloud, { username, password: subPassword(upcloud, username) })
  for (const permission of permissions) await grant(upcloud, username, permission)
  const { id, token } = await makeToken(asSub(upcloud, username), {
    name: username,
    expiresAt: endThere(upcloud, { expiresAt: credential.lease.expiresAt, now: clock.now() }),
    addresses: addresses.length === 0 ? everywhere : addresses.map(rangeOf),
  })
  await credential.keep({ permissions, tokenId: id })
  return { ...noMaterial, kind: 'upcloud', username, token }
}

/** When a lease ends, by UpCloud's clock: ours may be ahead of it, or behind. */
const endThere = ({ service }: Upcloud, { expiresAt, now }: { readonly expiresAt: Date; readonly now: Date }): Date =>
  new Date((service.saidAt() ?? now).getTime() + expiresAt.getTime() - now.getTime())

/** The token first: from then on nobody is let in by it, whatever of the rest is left. */
async function ended(upcloud: Upcloud, credential: CredentialRef<UpcloudHandle>): Promise<void> {
  const username = subOf(credential)
  const { permissions = [], tokenId = null } = credential.handle ?? {}
  if (tokenId !== null) await endToken(asSub(upcloud, username), tokenId)
  for (const permission of permissions) await ungrant(upcloud, username, permission)
  await endSub(upcloud, username)
  if (!(await isSubGone(upcloud, username)))
    throw new BackendError('left-behind', `the sub-account \`${username}\` was deleted and is still there`)
}

/** A token works for as long as its sub-account is there, and no longer. */
async function lookedUp(upcloud: Upcloud, username: string): Promise<Omit<Testimony, 'provider'>> {
  const dead = await isSubGone(upcloud, username)
  return {
    dead,
    said: dead ? `there is no sub-account ${username}` : `the sub-account ${username} is there`,
    facts: { subAccount: username },
  }
}

const hexForm = /^([0-9a-f]{8})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{12})$/

async function found(upcloud: Upcloud, backendId: string) {
  const prefix = prefixOf(backendId)
  const own = (await accountsOf(upcloud)).filter(({ username }) => username.startsWith(prefix))
  return own.flatMap(({ username }) => {
    const parts = hexForm.exec(username.slice(prefix.length))
    return parts === null ? [] : [{ leaseId: parts.slice(1).join('-'), tagged: true }]
  })
}

/** What the kind allows, for who decides about it. */
export const upcloudLimits: BackendLimits = limits
