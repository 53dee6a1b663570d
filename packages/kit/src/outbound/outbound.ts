import { lookup } from 'node:dns/promises'
import { connect, type LookupFunction } from 'node:net'
import { networkInterfaces } from 'node:os'
import { canonicalHostAddress, canonicalIp } from '../host-address.ts'
import {
  isAllowedPlace,
  isAllowedPort,
  isPublicAddress,
  isRefusedAddress,
  type AllowedPlace,
} from './refused-address.ts'

/** A place that a person named. */
export interface NamedPlace {
  readonly host: string
  readonly port: number
  /**
   * `public`: addresses of private networks are refused as well, unless they are listed. Otherwise hosts live there.
   */
  readonly reach?: 'public'
}

/**
 * The one gate before the server contacts anything on a person's word. It resolves a name once; whoever asked connects
 * to that very address and to nothing else, follows no redirect, and keeps to a deadline.
 */
export interface Outbound {
  /** The address to connect to. Throws `OutboundError`. */
  locate(place: NamedPlace): Promise<string>
}

/** Why a place was not contacted, or gave no answer. */
export type OutboundReason =
  | 'refused' // the place, or the request, is not for us to make
  | 'unreachable' // it has no address now, or does not take the connection
  | 'untrusted' // its certificate is not good for its name
  | 'late' // it was not done in time
  | 'redirected' // it sends us elsewhere, where nobody asked us to go
  | 'too-large' // its answer is longer than what is read
  | 'broken' // it ended in the middle, or speaks another protocol

/** Thrown by everything that contacts what a person named. */
export class OutboundError extends Error {
  override readonly name = 'OutboundError'
  readonly reason: OutboundReason

  constructor(reason: OutboundReason, message: string, options?: ErrorOptions) {
    super(message, options)
    this.reason = reason
  }
}

/** What the gate goes by. */
export interface OutboundSettings {
  readonly allowed: readonly AllowedPlace[]
  /** Ports of our own gateway, database and Temporal: refused at every address of this machine. */
  readonly ownPorts: readonly number[]
  /** Answers all addresses of a name; the system's resolver unless a test says otherwise. */
  readonly resolve?: (name: string) => Promise<readonly string[]>
}

/** A resolver that is silent for longer is taken for one that knows nothing. */
const RESOLVE_SECONDS_MAX = 5

/** Of several addresses the first that accepts a connection is taken; so long is waited for one. */
const CHOICE_SECONDS_MAX = 3

/** Makes the gate. */
export const createOutbound = ({ allowed, ownPorts, resolve = resolveName }: OutboundSettings): Outbound => ({
  locate: async ({ host, port, reach }) => {
    const canonical = canonicalHostAddress(host)
    if (canonical === null) throw new OutboundError('refused', 'the address is neither a host name nor an address')
    const addresses = canonicalIp(canonical) === null ? await withinTime(resolve(canonical)) : [canonical]
    // one forbidden address among several is how a name is made to lead inside
    for (const address of addresses) refuseForbidden({ allowed, ownPorts }, { host: address, port, reach })
    const [first] = addresses
    if (first === undefined) throw new OutboundError('unreachable', 'the name has no address')
    return addresses.length === 1 ? first : ((await firstThatAccepts(addresses, port)) ?? first)
  },
})

/** A place by its address, and how far its caller may reach. */
type Address = NamedPlace & { readonly reach: NamedPlace['reach'] | undefined }

function refuseForbidden(
  { allowed, ownPorts }: Pick<OutboundSettings, 'allowed' | 'ownPorts'>,
  { host: address, port, reach }: Address,
): void {
  const listed = isAllowedPlace(allowed, address, port)
  if (isRefusedAddress(address) && !listed)
    throw new OutboundError(
      'refused',
      'Gatehouse contacts no loopback, link-local, multicast or metadata address unless `[outbound] allowed` lists it',
    )
  if (reach === 'public' && !isPublicAddress(address) && !listed)
    throw new OutboundError(
      'refused',
      'Gatehouse contacts addresses of private networks here only if `[outbound] allowed` lists them',
    )
  if (ownPorts.includes(port) && isThisMachine(address) && !isAllowedPort(allowed, address, port))
    throw new OutboundError('refused', "this is one of Gatehouse's own ports")
}

const isThisMachine = (address: string): boolean =>
  address.startsWith('127.') ||
  address === '::1' ||
  Object.values(networkInterfaces()).some((entries) =>
    entries?.some((entry) => canonicalIp(entry.address.replace(/%.*$/, '')) === address),
  )

/** Addresses in the order in which the resolver gives them, each in its one spelling; with a zone it is link-local. */
async function resolveName(name: string): Promise<readonly string[]> {
  const found = await lookup(name, { all: true, verbatim: true }).catch(() => [])
  return [...new Set(found.map(({ address }) => canonicalIp(address.replace(/%.*$/, '')) ?? '0.0.0.0'))]
}

async function withinTime(work: Promise<readonly string[]>): Promise<readonly string[]> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<readonly string[]>((settle) => {
    timer = setTimeout(() => settle([]), RESOLVE_SECONDS_MAX * 1000)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}

/** The system's own race of IPv6 and IPv4 (RFC 8305), over exactly these addresses; null: none accepted. */
function firstThatAccepts(addresses: readonly string[], port: number): Promise<string | null> {
  const pinned: LookupFunction = (_, __, callback) =>
    callback(
      null,
      addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    )
  return new Promise((settle) => {
    const socket = connect({ host: 'pinned.invalid', port, lookup: pinned, autoSelectFamily: true })
    const end = (address: string | null): void => {
      socket.destroy()
      settle(address)
    }
    socket.setTimeout(CHOICE_SECONDS_MAX * 1000, () => end(null))
    socket.once('error', () => end(null))
    socket.once('connect', () => end(canonicalIp(socket.remoteAddress ?? '')))
  })
}
