import { expect, test } from 'vitest'
import { isSamePlace } from './new-place.ts'

const firefox = (version: number): string =>
  `Mozilla/5.0 (X11; Linux x86_64; rv:${version}.0) Gecko/20100101 Firefox/${version}.0`

test("an update of the browser or another address of one's IPv6 network is no new place", () => {
  expect(
    isSamePlace(
      { address: '192.0.2.7', user_agent: firefox(140) },
      { address: '::ffff:192.0.2.7', user_agent: firefox(141) },
    ),
  ).toBe(true)
  expect(
    isSamePlace(
      { address: '2001:db8:1:2::1', user_agent: 'cli' },
      { address: '2001:db8:1:2:3:4:5:6', user_agent: 'cli' },
    ),
  ).toBe(true)
})

test('another address or another program is a new place', () => {
  expect(
    isSamePlace({ address: '192.0.2.7', user_agent: firefox(140) }, { address: '192.0.2.8', user_agent: firefox(140) }),
  ).toBe(false)
  expect(
    isSamePlace({ address: '2001:db8:1:2::1', user_agent: 'cli' }, { address: '2001:db8:1:3::1', user_agent: 'cli' }),
  ).toBe(false)
  expect(
    isSamePlace(
      { address: '192.0.2.7', user_agent: firefox(140) },
      { address: '192.0.2.7', user_agent: 'gatehouse/0.1' },
    ),
  ).toBe(false)
})
