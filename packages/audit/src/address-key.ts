import { isIPv4, isIPv6 } from 'node:net'

/**
 * Whom an address stands for when calls are counted: an IPv4 address, or the /64 that one IPv6 subscriber has for
 * himself.
 */
export function addressKey(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1]
  if (mapped !== undefined && isIPv4(mapped)) return mapped
  if (isIPv4(address)) return address
  const plain = address.split('%')[0] ?? ''
  return isIPv6(plain) ? `${networkOf(plain)}::/64` : 'unknown'
}

/** The first four groups, in one spelling however the address was written. */
function networkOf(address: string): string {
  const [head = '', tail] = address.toLowerCase().split('::')
  const left = groupsOf(head)
  const right = tail === undefined ? [] : groupsOf(tail)
  const gap = tail === undefined ? 0 : 8 - left.length - right.length
  const groups = [...left, ...Array.from({ length: gap }, () => '0'), ...right]
  return groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')
}

/**
 * A dotted quad at the end is two groups; it never reaches into the first four of a valid address but must be counted.
 */
const groupsOf = (text: string): string[] =>
  text === '' ? [] : text.split(':').flatMap((group) => (group.includes('.') ? ['0', '0'] : [group]))
