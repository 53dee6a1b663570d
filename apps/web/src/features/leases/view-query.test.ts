import { expect, it } from 'vitest'
import { queryOfView } from './view-query.ts'

it('a saved view leads to the address that it was saved at', () => {
  const filters = JSON.stringify({ state: 'active', search: 'shop read', sort: 'expiry', unknown: 'x' })
  expect(queryOfView(filters)).toBe('?search=shop+read&state=active&sort=expiry')
  expect(queryOfView('{}')).toBe('')
})
