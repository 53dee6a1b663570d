import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { run } from '../test/run.ts'
import { startWireServer, type Answer, type WireServer } from '../test/wire-server.ts'

const servers: WireServer[] = []
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close()
})
const importing = async (
  text: string,
  answer: Answer = { output: { imported: 1, users: [{ id: 'u1', username: 'ada', roles: ['Operator'] }] } },
) => {
  const server = await startWireServer(() => answer)
  servers.push(server)
  const file = join(mkdtempSync(join(tmpdir(), 'gatehouse-import-')), 'people')
  writeFileSync(file, text)
  const ran = await run(['user', 'import', file], { env: { GATEHOUSE_URL: server.url, GATEHOUSE_TOKEN: 'token' } })
  return { ...ran, calls: server.calls, server }
}
const hash = '$2b$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy'

describe('people in a file', () => {
  test('are read from CSV by the names of its columns, however those are spelt', async () => {
    const { code, out, talk, calls } = await importing(
      `User Name,password_hash,role,teams,email\nada,${hash},Operator,sre; developers,\n`,
    )
    expect([code, talk]).toEqual([0, '1 imported; they log in with the passwords they have\n'])
    expect(calls.map(({ name, input }) => [name, input])).toEqual([
      [
        'user.import',
        { users: [{ username: 'ada', passwordHash: hash, role: 'Operator', teams: ['sre', 'developers'] }] },
      ],
    ])
    expect(out).toContain('ada')
  })

  test.each([[(people: unknown) => people], [(people: unknown) => ({ users: people })]])(
    'are read from JSON',
    async (wrap) => {
      const people = [{ username: 'ada', passwordHash: hash, role: 'Viewer' }]
      expect((await importing(JSON.stringify(wrap(people)))).calls.map(({ input }) => input)).toEqual([
        { users: people },
      ])
    },
  )

  test.each([
    ['JSON with a byte order mark', `\uFEFF[{"username":"ada","passwordHash":"${hash}","role":"Viewer"}]`],
    ['CSV with a byte order mark', `\uFEFFusername,role,passwordHash\nada,Viewer,${hash}\n`],
    ['semicolons', `username;role;passwordHash\r\nada;Viewer;${hash}\r\n`],
    ['tabs', `username\trole\tpasswordHash\nada\tViewer\t${hash}\n`],
  ])('are read from %s', async (_, text) => {
    const { code, calls, talk } = await importing(text)
    const users = [{ username: 'ada', passwordHash: hash, role: 'Viewer' }]
    expect([code, calls.map(({ input }) => input)], talk).toEqual([0, [{ users }]])
  })

  test('with a hash cut at its commas are refused by line and cells, with what to do and no hash shown', async () => {
    const cut = '$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc'
    const { code, talk, calls } = await importing(`username,passwordHash,role\nada,${cut},Viewer\n`)
    expect([code, calls]).toEqual([2, []])
    expect(talk).toContain('line 2: has 5 cells, the first line names 3')
    expect(talk).toContain('double quotes')
    expect(talk).not.toContain('CTFhFd')
  })

  test.each([
    ['UTF-8', (text: string) => Buffer.from(text)],
    ['UTF-16, as Excel writes it', (text: string) => Buffer.from(`\uFEFF${text}`, 'utf16le')],
  ])('are read from standard input in %s as from a file', async (_, encode) => {
    const server = await startWireServer(() => ({ output: { imported: 1, users: [] } }))
    servers.push(server)
    await run(['user', 'import', '-'], {
      stdin: encode(`username\trole\tpasswordHash\r\nada\tViewer\t${hash}\r\n`),
      env: { GATEHOUSE_URL: server.url, GATEHOUSE_TOKEN: 'token' },
    })
    const users = [{ username: 'ada', passwordHash: hash, role: 'Viewer' }]
    expect(server.calls.map(({ input }) => input)).toEqual([{ users }])
  })

  test('are all looked at before one is sent: every problem by its line, and no hash is shown', async () => {
    const { code, out, talk, calls } = await importing(
      `username,role,email,passwordHash\nada,Operator,,${hash}\n\ngrace,Boss,grace@example.org,${hash}\n` +
        `linus,Viewer,nobody,\n`,
    )
    expect([code, out, calls]).toEqual([2, '', []])
    expect(talk).toContain('3 things are wrong; nobody was imported')
    for (const place of ['line 4, role:', 'line 5, email:', 'line 5, passwordHash: required'])
      expect(talk).toContain(place)
    expect(talk).not.toContain(hash)
  })

  test('that the server refuses are told by their line, too', async () => {
    const refusal = { code: 'invalid-input', fields: [{ path: 'users.1.username', message: 'is taken' }] }
    const { code, talk } = await importing(
      `username,role,passwordHash\nada,Viewer,${hash}\n\n\ngrace,Viewer,${hash}\n`,
      { refusal, status: 400 },
    )
    expect([code, talk.includes('line 5, username: is taken')]).toEqual([2, true])
  })

  test.each([
    ['username,role,passwordHash,Role\n', 'line 1, cell 4: is the column `role` again, as cell 2'],
    ['username,role,shoe size\n', 'line 1, cell 3: `shoe size` is no column'],
    ['', 'holds nobody'],
    [`# ${'x'.repeat(2_000_000)}`, 'is larger than 2 MB'],
    ['[', 'line 1, character 2: is not JSON'],
    ['{"people":[]}', 'is JSON, but no list'],
    ['username,"role\n', 'line 1, cell 2: opens a double quote that is never closed'],
    [
      `username,role,passwordHash\n${Array.from({ length: 201 }, (_, n) => `u${n},Viewer,${hash}\n`).join('')}`,
      'split the file',
    ],
  ])('%# that make no sense are exit 2, and nothing is sent', async (text, said) => {
    const { code, talk, calls } = await importing(text)
    expect([code, talk.includes(said), calls], talk).toEqual([2, true, []])
  })
})
