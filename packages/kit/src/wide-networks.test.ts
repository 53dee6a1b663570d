import { describe, expect, test } from 'vitest'
import { areWideNetworks } from './wide-networks.ts'

const every = (count: number, step: number, bits: number) =>
  Array.from({ length: count }, (_, at) => `${at * step}.0.0.0/${bits}`)

describe('networks together', () => {
  // a list of twenty /8s says "anywhere" as well as 0.0.0.0/0 does
  test.each([
    [['0.0.0.0/0']],
    [every(20, 12, 8)],
    [['10.0.0.0/8', '11.0.0.0/8']],
    [['::ffff:10.0.0.0/104', '11.0.0.0/8']],
    [['2000::/16', '2001::/16', '2002::/16', '2003::/16']],
  ])('%j are wide', (cidrs) => expect(areWideNetworks(cidrs)).toBe(true))

  test.each([
    [[]],
    [['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7', 'fd00::/8']],
    [['10.0.0.0/8', '10.0.0.0/9', '10.1.2.3/32', '10.0.0.0/8']],
    [['2001:db8::/32', '2a00::/16']],
    [['nothing']],
  ])('%j are not', (cidrs) => expect(areWideNetworks(cidrs)).toBe(false))
})
