import { expect, it } from 'vitest'
import { filterEntries, searchedWord } from './palette-entries.ts'

const entries = [
  { name: 'Issue a credential', kind: 'Action' },
  { name: 'SSH hosts', kind: 'Access' },
  { name: 'Sessions', kind: 'You' },
  { name: 'Log out', kind: 'Action' },
  { name: 'Issue a credential for web-1', kind: 'Action' },
]
const names = (typed: string): string[] => filterEntries(entries, typed).map(({ name }) => name)

it('finds a place by any of its words, in any order', () => {
  expect(names('hosts ssh')).toEqual(['SSH hosts'])
  expect(names('web issue')).toEqual(['Issue a credential for web-1'])
})

it('puts names that begin with what was typed first', () => {
  expect(names('s')[0]).toBe('SSH hosts')
  expect(names('cred')).toEqual(['Issue a credential', 'Issue a credential for web-1'])
})

it("shows the common entries before anything is typed, and nothing for a stranger's word", () => {
  expect(names('')).toHaveLength(entries.length)
  expect(names('zebra')).toEqual([])
})

it('finds a person by what is not shown of them', () => {
  const ada = { name: 'ada · Ada Lovelace', kind: 'User', also: 'countess@example.org' }
  expect(filterEntries([ada], 'countess')).toEqual([ada])
})

it('asks the server for the last word, once there is enough of it', () => {
  expect([searchedWord(''), searchedWord('a'), searchedWord('ad'), searchedWord('issue for web-1 ')]).toEqual([
    null,
    null,
    'ad',
    'web-1',
  ])
})
