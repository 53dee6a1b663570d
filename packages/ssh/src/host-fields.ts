import { invalidField, type Refusal } from '@gatehouse/contract'
import type { CallFacts } from '@gatehouse/enforcement'
import { canonicalHostAddress, hostAddressRule } from '@gatehouse/kit'
import { isLoopbackAddress, isLoopbackHost, loopbackAddressesOf } from './host-credential.ts'
import { fieldOf } from './issue-terms.ts'
import { canonicalSourceAddress, canonicalSourceAddresses } from './wire/index.ts'

/** The one spelling of a host's address. */
export function canonicalAddress(text: string): string {
  const address = canonicalHostAddress(text)
  if (address === null) throw invalidField('address', hostAddressRule)
  return address
}

/** Accounts without doubles; two that differ in case only are one on hosts that do not tell case apart. */
export function accountsOf(accounts: readonly string[]): string[] {
  const known = new Map<string, string>()
  for (const account of accounts) if (!known.has(account.toLowerCase())) known.set(account.toLowerCase(), account)
  return [...known.values()]
}

/**
 * From where credentials for this host may be used: as told, else from where the caller calls. A caller on this very
 * machine, or behind a proxy that is not trusted, tells nothing about where people are, so they have to say.
 */
export function sourceAddressesOf(
  { sourceAddresses, address }: { readonly sourceAddresses?: readonly string[] | undefined; readonly address: string },
  caller: Pick<CallFacts, 'address' | 'forwards'>,
): readonly string[] {
  if (sourceAddresses !== undefined) return fieldOf('sourceAddresses', () => canonicalSourceAddresses(sourceAddresses))
  if (caller.forwards === true)
    throw toldNowhere(
      `you come through ${caller.address}, which is not in \`[rate_limit] trusted_proxies\`, ` +
        'so your own address is not known, and that one would let in whoever comes through it',
    )
  if (!isLoopbackAddress(caller.address)) return [canonicalSourceAddress(caller.address)]
  if (isLoopbackHost(address)) return loopbackAddressesOf(address)
  throw toldNowhere("you call from the server's own machine, and its loopback address would let nobody in")
}

/** From where a host asks whether a one-time password is good, in one spelling; none: it takes no such passwords. */
export const otpAddressesOf = (given: readonly string[]): string[] =>
  given.length === 0 ? [] : [...fieldOf('otpAddresses', () => canonicalSourceAddresses(given))]

const toldNowhere = (why: string): Refusal =>
  invalidField('sourceAddresses', `the addresses from which people reach this host (--source-addresses CIDR,…): ${why}`)
