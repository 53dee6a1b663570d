import { operationNames, operations } from '@gatehouse/contract'
import { describe, expect, test } from 'vitest'
import { scopeProblem, scopesAdmit, type TokenBearer } from './scopes.ts'

const person: TokenBearer = { type: 'User', bound: false }
const program: TokenBearer = { type: 'Service', bound: false }
const boundProgram: TokenBearer = { type: 'Service', bound: true }

describe('a scope that a token could never use is refused when the token is made', () => {
  test.each([
    ['an operation that does not exist', 'lease.isue', person, 'there is no `lease.isue`'],
    ['a noun that does not exist', 'leases.*', person, 'there is no `leases.*`'],
    ['what is open to anyone', 'auth.login', person, 'open to anyone'],
    ['what only the worker does', 'lease.expire', boundProgram, 'or to nobody outside'],
    ["a second factor, for a person's token", 'lease.revoke', person, "a person's token never proves"],
    ['a fresh second factor, for a person', 'user.disable', person, "a person's token never proves"],
    ["a second factor, for a program's token bound to nothing", 'sshCertificate.sign', program, 'source addresses or'],
    ['what is for people, for a program', 'user.list', boundProgram, '`user.list` is for people'],
  ])('%s', (_what, scope, bearer, words) => {
    expect(scopeProblem(scope, bearer)).toContain(words)
  })

  test.each([
    ['read', person],
    ['read', program],
    ['lease.list', person],
    ['lease.*', program],
    ['sshCertificate.sign', boundProgram],
    ['user.*', person],
  ] as const)('%s is not, where it can be used', (scope, bearer) => {
    expect(scopeProblem(scope, bearer)).toBeNull()
  })

  test('and every operation that is taken is admitted by its own scope', () => {
    for (const name of operationNames)
      for (const bearer of [person, program, boundProgram])
        if (scopeProblem(name, bearer) === null) {
          expect(scopesAdmit([name], name), name).toBe(true)
          expect(operations[name].authorize.principals, name).toContain(bearer.type)
        }
  })
})
