import { expect, it } from 'vitest'
import { invitationOf } from './take-invitation.ts'

it.each([
  ['#ghi_abc-DEF', 'ghi_abc-DEF'],
  ['#invitation=ghi_abc', 'ghi_abc'],
  ['#token=abc=', 'abc='],
  ['#', null],
  ['', null],
])('%s holds the invitation %s', (fragment, invitation) => {
  expect(invitationOf(fragment)).toBe(invitation)
})
