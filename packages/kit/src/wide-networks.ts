import ipaddr from 'ipaddr.js'
import { isWideNetwork, isUniqueLocal } from './host-address.ts'
import { parseNetwork, type Network } from './network.ts'

/** As many addresses as the narrowest network that is too wide has: a /7 of IPv4, a /15 of IPv6. */
const addressesMax = { ipv4: 1n << 25n, ipv6: 1n << 113n } as const
const bitsMax = { ipv4: 32, ipv6: 128 } as const

interface Range {
  readonly first: bigint
  readonly end: bigint
}

/** Whether networks stand for the whole Internet or a large part of it: each alone, or all of them together. */
export function areWideNetworks(cidrs: readonly string[]): boolean {
  if (cidrs.some(isWideNetwork)) return true
  const networks = cidrs.map(parseNetwork).filter((network) => network !== null)
  return (['ipv4', 'ipv6'] as const).some((family) => {
    const ranges = networks.filter((one) => one.family === family && !isUniqueLocal(one.address)).map(rangeOf)
    return countOf(ranges) >= addressesMax[family]
  })
}

function rangeOf({ address, bits, family }: Network): Range {
  const size = 1n << BigInt(bitsMax[family] - bits)
  const number = ipaddr
    .parse(address)
    .toByteArray()
    .reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n)
  const first = number - (number % size)
  return { first, end: first + size }
}

/** How many addresses they have together, each counted once. */
function countOf(ranges: readonly Range[]): bigint {
  let [count, end] = [0n, 0n]
  for (const range of ranges.toSorted((one, other) => (one.first < other.first ? -1 : 1))) {
    const first = range.first > end ? range.first : end
    if (range.end <= first) continue
    count += range.end - first
    end = range.end
  }
  return count
}
