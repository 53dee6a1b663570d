import { expect, it } from 'vitest'
import { withoutPanel } from './panel-address.ts'

it('the way to another key keeps the filters of the list, and not which ciphertexts were shown', () => {
  expect(withoutPanel('?workspace=shop&version=3&page=x&after=y')).toBe('?workspace=shop&after=y')
  expect(withoutPanel('?version=3')).toBe('')
})
