import { expect, it } from 'vitest'
import { backendMark, configured, whyNotRotated } from './backend-words.ts'

it('sends what belongs to the chosen kind, and nothing of another', () => {
  const values = {
    name: ' shop-aws ',
    kind: 'aws',
    'aws.region': 'eu-north-1',
    'aws.accessKeyId': '',
    'postgres.url': 'postgresql://left@over',
  }
  expect(configured(values)).toEqual({
    name: 'shop-aws',
    moved: false,
    aws: { region: 'eu-north-1', accessKeyId: undefined, secretAccessKey: undefined, endpoint: undefined },
  })
})

it('keeps a password as it is, blanks and all', () => {
  expect(
    configured({ name: 'c', kind: 'upcloud', 'upcloud.username': 'shop ', 'upcloud.password': ' p ' }),
  ).toMatchObject({ upcloud: { username: 'shop', password: ' p ' } })
})

it('says how a backend stands', () => {
  const at = '2026-11-29T10:00:00Z'
  expect(backendMark({ lastError: null, checkedAt: at })).toBe('usable')
  expect(backendMark({ lastError: null, checkedAt: null })).toBe('not tested yet')
  expect(backendMark({ lastError: 'sealed', checkedAt: at })).toBe('unusable')
  expect(whyNotRotated({ kind: 'postgres' })).toBeNull()
  expect(whyNotRotated({ kind: 'upcloud' })).toContain('control panel')
})
