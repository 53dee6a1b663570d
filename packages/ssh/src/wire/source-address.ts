import { hasOwnAddress, networkText, parseNetwork } from '@gatehouse/kit'
import { refused } from './ssh-wire-error.ts'

/** OpenSSH reads these lists on every log-in; longer ones are a mistake. */
export const SOURCE_ADDRESSES_MAX = 64

/**
 * Canonical CIDR list for `source-address` and `from=`, sorted and without doubles.
 * sshd refuses the whole certificate when one entry has bits set beyond its mask, and it sees IPv4 peers as IPv4 even
 * on a dual-stack socket, so `::ffff:a.b.c.d` becomes IPv4 here. Names, patterns and negations are refused.
 */
export const canonicalSourceAddresses = (addresses: readonly string[]): readonly string[] => {
  if (addresses.length === 0) throw refused('a list of source addresses must not be empty')
  if (addresses.length > SOURCE_ADDRESSES_MAX) throw refused(`more than ${SOURCE_ADDRESSES_MAX} source addresses`)
  return [...new Set(addresses.map(canonicalSourceAddress))].sort()
}

/** One address or CIDR in its canonical spelling, always with its prefix length. */
export const canonicalSourceAddress = (text: string): string => {
  const network = parseNetwork(text)
  if (network === null) throw notCidr(text)
  if (!hasOwnAddress(network))
    throw refused(`\`${text}\` has bits set beyond its prefix: write the network's own address`)
  return networkText(network)
}

const notCidr = (text: string) =>
  refused(`\`${text.slice(0, 64).replace(/[^\x20-\x7e]/g, '?')}\` is no address and no CIDR such as \`10.0.0.0/8\``)
