import { isIPv4, isIPv6 } from 'node:net'
import { refused } from './ssh-wire-error.ts'

/** OpenSSH reads these lists on every log-in; longer ones are a mistake. */
export const SOURCE_ADDRESSES_MAX = 64

/**
 * Canonical CIDR list for `source-address` and `from=`, sorted and without doubles.
 * sshd refuses the whole certificate when one entry has bits set beyond its mask, and it sees IPv4 peers as IPv4 even
 * on
 * a dual-stack socket, so `::ffff:a.b.c.d` becomes IPv4 here. Names, patterns and negations are refused.
 */
export const canonicalSourceAddresses = (addresses: readonly string[]): readonly string[] => {
  if (addresses.length === 0) throw refused('a list of source addresses must not be empty')
  if (addresses.length > SOURCE_ADDRESSES_MAX) throw refused(`more than ${SOURCE_ADDRESSES_MAX} source addresses`)
  return [...new Set(addresses.map(canonicalSourceAddress))].sort()
}

/** One address or CIDR in its canonical spelling, always with its prefix length. */
export const canonicalSourceAddress = (text: string): string => {
  const [, address, prefixText] = /^([0-9A-Fa-f.:]+)(?:\/([0-9]{1,3}))?$/.exec(text) ?? []
  if (address === undefined || !(isIPv4(address) || isIPv6(address))) throw notCidr(text)
  const whole = isIPv4(address) ? parseIpv4(address) : parseIpv6(address)
  const prefix = prefixText === undefined ? whole.bits : Number(prefixText)
  if (prefix > whole.bits) throw notCidr(text)
  const hostBits = BigInt(whole.bits - prefix)
  if ((whole.value >> hostBits) << hostBits !== whole.value)
    throw refused(`\`${text}\` has bits set beyond its prefix: write the network's own address`)
  return whole.bits === 128 && whole.value >> 32n === MAPPED_IPV4 && prefix >= 96
    ? `${formatIpv4(whole.value & 0xffff_ffffn)}/${prefix - 96}`
    : `${whole.bits === 32 ? formatIpv4(whole.value) : formatIpv6(whole.value)}/${prefix}`
}

const MAPPED_IPV4 = 0xffffn

const notCidr = (text: string) =>
  refused(`\`${text.slice(0, 64).replace(/[^\x20-\x7e]/g, '?')}\` is no address and no CIDR such as \`10.0.0.0/8\``)

interface Address {
  readonly value: bigint
  readonly bits: 32 | 128
}

const parseIpv4 = (text: string): Address => ({
  bits: 32,
  value: text.split('.').reduce((value, octet) => (value << 8n) | BigInt(octet), 0n),
})

/** WHATWG URL spells every IPv6 address the same way (RFC 5952, dotted tails as groups), so it serves as the parser. */
const canonicalIpv6 = (text: string): string => new URL(`http://[${text}]/`).hostname.slice(1, -1)

const parseIpv6 = (text: string): Address => {
  const [head = '', tail] = canonicalIpv6(text).split('::')
  const front = head === '' ? [] : head.split(':')
  const back = tail === undefined || tail === '' ? [] : tail.split(':')
  const groups = [...front, ...Array.from({ length: 8 - front.length - back.length }, () => '0'), ...back]
  return { bits: 128, value: groups.reduce((value, group) => (value << 16n) | BigInt(`0x${group}`), 0n) }
}

const formatIpv4 = (value: bigint): string => [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 0xffn).join('.')

const formatIpv6 = (value: bigint): string =>
  canonicalIpv6(
    Array.from({ length: 8 }, (_, index) => ((value >> BigInt(112 - 16 * index)) & 0xffffn).toString(16)).join(':'),
  )
