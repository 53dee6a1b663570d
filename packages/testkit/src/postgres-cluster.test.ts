import { describe, expect, test } from 'vitest'
import { bySocket } from './postgres-cluster.ts'

const url = 'postgres://login:secret@127.0.0.1:5433/gatehouse'

describe('the way by the socket of a server', () => {
  test('is by its directory, with the login, the port and the database as they were', () => {
    expect(bySocket(url, '/state/postgres/data')).toBe(`${url}?host=%2Fstate%2Fpostgres%2Fdata`)
  })

  test('is not taken where its path is longer than a socket may have', () => {
    const longest = `/${'x'.repeat(103 - '/'.length - '/.s.PGSQL.5433'.length)}`
    expect(bySocket(url, longest)).not.toBe(url)
    expect(bySocket(url, `${longest}x`)).toBe(url)
  })
})
