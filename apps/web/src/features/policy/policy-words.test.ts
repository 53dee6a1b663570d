import { describe, expect, test } from 'vitest'
import { callerWords, permissionWords, policiesFitting, reachWords, thingWords } from './policy-words.ts'

const policy = (id: string, more: object) => ({
  id,
  effect: 'permit' as const,
  doc: '',
  severity: 'low',
  file: 'a.cedar',
  source: '',
  actions: [],
  loadedAt: '2026-11-28T00:00:00Z',
  ...more,
})

test('who asked, and what it was about, is said by name where there is one', () => {
  const names = new Map([['u1', 'ada']])
  const said = (type: string, id: string): string => callerWords({ type, id }, names)
  expect([said('User', 'u1'), said('User', 'u2'), said('Service', 'worker'), said('Anonymous', 'anonymous')]).toEqual([
    'ada',
    'u2',
    'Service worker',
    'anonymous',
  ])
  const about = (type: string, id: string): string => thingWords({ type, id }, names)
  expect([about('System', 'gatehouse'), about('User', 'u1'), about('Lease', 'l1')]).toEqual([
    'System',
    'User ada',
    'Lease l1',
  ])
})

describe('policies in words', () => {
  test('where one applies is named, and counted where it is much', () => {
    expect(reachWords([])).toBe('nowhere')
    expect(reachWords(['lease.list', 'lease.get'])).toBe('lease.list, lease.get')
    expect(reachWords(['a', 'b', 'c', 'd'])).toBe('a, b and 2 more')
  })

  test('a list is narrowed by part of an id, a description or an operation, and by effect and severity', () => {
    const all = [
      policy('one', { doc: 'Admins only', actions: ['user.create'] }),
      policy('two', { effect: 'forbid', severity: 'high' }),
    ]
    const found = (filter: object) =>
      policiesFitting(all, { search: undefined, effect: undefined, severity: undefined, ...filter }).map(({ id }) => id)
    expect(found({})).toEqual(['one', 'two'])
    expect(found({ search: 'ADMINS' })).toEqual(['one'])
    expect(found({ search: 'user.cr' })).toEqual(['one'])
    expect(found({ effect: 'forbid' })).toEqual(['two'])
    expect(found({ severity: 'low', search: 'two' })).toEqual([])
  })

  test('a cell of the matrix is a sentence', () => {
    expect(permissionWords('all*, own')).toBe('on everything with a fresh second factor; on their own')
    expect(permissionWords('–')).toBe('denied')
    expect(permissionWords(' ')).toBe('not for such a caller')
    expect(permissionWords('yes*')).toBe('allowed with a fresh second factor')
  })
})
