import { operations, type Wire } from '@gatehouse/contract'
import { isSshAccount } from '@gatehouse/kit'
import { parseHostKeyLine, SshWireError } from '@gatehouse/ssh/wire'
import type { Client } from './client.ts'
import type { KnownHost, SshPlace } from './ssh-place.ts'
import { certifiedNamesOf, formerKeysOf, hostCaKey } from './ssh-voucher.ts'

type Host = Wire<'sshHost.get'>

/** A page as the server gives it at most, and more hosts than one person reaches by name. */
const PAGE_HOSTS = 100
const PAGES_MAX = 100

/** Asks the server for all hosts, and leaves them where the system's ssh looks. */
export const refreshHosts = async (client: Client, place: SshPlace, now: Date): Promise<void> => {
  const askedAt = now.toISOString()
  // also when there is no answer: a server that is away must not slow down every ssh to somewhere else
  await place.change((known) => ({ ...known, askedAt }))
  const found: Host[] = []
  let after: string | null = null
  for (let page = 0; page < PAGES_MAX; page += 1) {
    const { items, nextCursor }: Wire<'sshHost.list'> = await client.call('sshHost.list', {
      first: PAGE_HOSTS,
      ...(after === null ? {} : { after }),
    })
    found.push(...items)
    after = nextCursor
    if (after === null) break
  }
  const hosts = await knownHostsOf(client, found, now)
  await place.change(() => ({ askedAt, hosts }))
}

/** Hosts as ssh is to know them. The host CA is asked for where one of them has a certificate for its name. */
const knownHostsOf = async (client: Client, hosts: readonly Host[], now: Date): Promise<KnownHost[]> => {
  const isVouched = (host: Host): boolean => certifiedNamesOf(host, now).includes(host.name)
  const hostCa = hosts.some(isVouched) ? await hostCaKey(client) : null
  return hosts.flatMap((host) => knownHostOf(host, isVouched(host) ? hostCa : null))
}

/** Writes one host down as the server knows it now; ssh reads its key when the connection stands. */
export const rememberHost = async (client: Client, place: SshPlace, { host, now }: Remembered): Promise<void> => {
  const [known] = await knownHostsOf(client, [host], now)
  if (known === undefined) return
  const before = (await place.read().catch(() => null))?.hosts.find(({ name }) => name === known.name)
  if (JSON.stringify(before) === JSON.stringify(known)) return
  await place.change(({ hosts, ...all }) => ({
    ...all,
    hosts: [...hosts.filter(({ name }) => name !== known.name), known],
  }))
}

interface Remembered {
  readonly host: Host
  readonly now: Date
}

/** Takes a host away that the server does not know any more. */
export const forgetHost = (place: SshPlace, name: string): Promise<void> =>
  place.change((known) => ({ ...known, hosts: known.hosts.filter((host) => host.name !== name) }))

/**
 * What the server says goes into files that ssh reads as patterns and settings, so only what a host can be registered
 * with does. A key of a type that we cannot read is left out with its host.
 */
const knownHostOf = (
  host: Pick<Host, 'name' | 'user' | 'hostKey' | 'formerHostKeys'>,
  hostCa: string | null,
): readonly KnownHost[] => {
  const { name, user, hostKey } = host
  const checked = operations['sshHost.register'].input.shape.name.safeParse(name)
  return checked.success && checked.data === name && isSshAccount(user) && isReadable(hostKey)
    ? [{ name, user, hostKey, hostCa, formerKeys: hostCa === null ? [] : [...formerKeysOf(host)] }]
    : []
}

const isReadable = (hostKey: string): boolean => {
  try {
    parseHostKeyLine(hostKey)
    return true
  } catch (error) {
    if (error instanceof SshWireError) return false
    throw error
  }
}
