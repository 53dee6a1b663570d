import { describe, expect, test } from 'vitest'
import { placedInFile, readPeople } from './index.ts'

const hash = '$2b$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy'
const ada = { username: 'ada', role: 'Viewer', passwordHash: hash }

describe('people in a file', () => {
  test('are the same people from a table, JSON and JSON Lines', () => {
    for (const text of [
      `passwordHash\trole\tusername\r\n${hash}\tViewer\tada\r\n`,
      JSON.stringify([ada]),
      JSON.stringify({ users: [ada] }, null, 2),
      `${JSON.stringify(ada)}\n`,
    ]) {
      const read = readPeople(text)
      expect('people' in read ? read.people.map(({ values }) => values) : read).toEqual([ada])
    }
  })

  test.each([
    ['', ['file']],
    ['username,role,passwordHash\n', ['file']],
    [`username,role,passwordHash\n${`ada,Viewer,${hash}\n`.repeat(201)}`, ['file']],
    [
      `username,role,passwordHash\nada,Boss,${hash}\n,Viewer,\n`,
      ['line 2, role', 'line 3, username', 'line 3, passwordHash'],
    ],
    [JSON.stringify([ada, { ...ada, Role: 'Admin' }]), ['person 2 (line 1), Role']],
    [JSON.stringify([{ ...ada, email: 'no address' }]), ['person 1 (line 1), email']],
  ])('%# are refused by their places', (text, places) => {
    const read = readPeople(text)
    expect('problems' in read ? read.problems.map(({ path }) => path) : read).toEqual(places)
    expect(JSON.stringify(read)).not.toContain(hash)
  })

  test('that the server refuses are told by their places, too', () => {
    const read = readPeople(`username,role,passwordHash\n\n\nada,Viewer,${hash}\n`)
    const people = 'people' in read ? read.people : []
    const fields = ['users.0.username', 'users[0].role', 'users.0', 'users', 'users.9.role'].map((path) => ({
      path,
      message: 'wrong',
    }))
    expect(placedInFile(fields, people).map(({ path }) => path)).toEqual([
      'line 4, username',
      'line 4, role',
      'line 4',
      'users',
      'users.9.role',
    ])
  })
})
