import { expect, it } from 'vitest'
import { figuresOf, kindOptions } from './lease-words.ts'

const calm = {
  active: 1200,
  expiring: 0,
  pending: 0,
  ending: 0,
  overdue: 0,
  irrevocable: 0,
  issued: 0,
  revoked: 0,
  expired: 0,
  backends: [],
}

it('says what of the leases is worth a look, and of no trouble that there is not', () => {
  expect(figuresOf(calm).map(({ words }) => words)).toEqual(['active'])
  expect(figuresOf({ ...calm, expiring: 3, irrevocable: 1 })).toMatchObject([
    { count: 1200, tone: 'calm' },
    { count: 3, href: '/access/leases?state=active&sort=expiry' },
    { count: 1, href: '/access/leases?state=irrevocable', tone: 'bad' },
  ])
})

it('offers every kind that a lease can be of', () => {
  expect(kindOptions.map(([kind]) => kind)).toContain('ssh-otp')
})
