import { expect, test } from 'vitest'
import { nearest } from './nearest.ts'

test('the nearest word is offered, and none where none is near', () => {
  expect([
    nearest('revke', ['revoke', 'renew']),
    nearest('lst', ['list', 'get']),
    nearest('xylophone', ['list', 'get']),
    nearest('', []),
  ]).toEqual(['revoke', 'list', null, null])
})
