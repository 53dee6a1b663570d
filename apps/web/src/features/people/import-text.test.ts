import { describe, expect, it } from 'vitest'
import { readImport, rowProblems } from './import-text.ts'

describe('a list of people to import', () => {
  it('is read bare or under `users`', () => {
    expect(readImport('[{"username":"ada"}]').users).toEqual([{ username: 'ada' }])
    expect(readImport('{"users":[{"username":"ada"}]}').users).toEqual([{ username: 'ada' }])
  })

  it('is read with the byte order mark that some programs write', () => {
    expect(readImport('\ufeff[{"username":"ada"}]').users).toEqual([{ username: 'ada' }])
  })

  it.each([
    ['', /Not valid JSON/],
    ['{"a":1}', /list of people/],
    ['[]', /list of people/],
    ['[{"username":"ada"}, 3]', /Row 2/],
  ])('that is %j is refused before it is sent', (text, why) => {
    expect(readImport(text)).toMatchObject({ users: null })
    expect(readImport(text).problem).toMatch(why)
  })

  it("has its problems told per row, by the person's name", () => {
    const users = [{ username: 'ada' }, { username: 'grace' }]
    expect(
      rowProblems(
        [
          { path: 'users.1.role', message: 'one of …' },
          { path: 'users[0].passwordHash', message: 'unknown' },
          { path: 'users', message: 'too many' },
        ],
        users,
      ),
    ).toEqual([
      { row: 2, username: 'grace', text: 'role: one of …' },
      { row: 1, username: 'ada', text: 'passwordHash: unknown' },
      { row: 0, username: '', text: 'users: too many' },
    ])
  })
})
