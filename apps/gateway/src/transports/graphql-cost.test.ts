import { callCost, documentCostMax, edgeCost, operations } from '@gatehouse/contract'
import { parse } from 'graphql'
import { describe, expect, test } from 'vitest'
import { costOf, refuseTooCostly } from './graphql-cost.ts'
import { buildSchema } from './graphql-schema.ts'

const schema = buildSchema()
const cost = (query: string, variables: Record<string, unknown> = {}) =>
  costOf(schema, { document: parse(query), variables })
const items = (first: string, fields: string) => `{ userList${first} { edges { node { ${fields} } } } }`

describe('the cost of a document', () => {
  test('is its calls, and each field once for each item of the page that was asked for', () => {
    expect(cost('{ authWhoami { username } }')).toBe(2)
    // the call, `edges`, and for each item `node` and one field
    expect(cost(items('(first: 10)', 'id'))).toBe(1 + 1 + 10 * 2)
    expect(cost(items('', 'id'))).toBe(1 + 1 + 50 * 2)
    expect(cost(items('(first: 200)', 'id username'))).toBe(1 + 1 + 200 * 3)
    expect(cost('{ a: authWhoami { username } b: authWhoami { username } }')).toBe(4)
    expect(cost('mutation { authLogout { __typename } }')).toBe(callCost(operations['auth.logout']) + 1)
  })

  test('counts what fragments, variables and inline fragments hide', () => {
    const named =
      'query Q($n: Int) { userList(first: $n) { ...Page } } fragment Page on UserListConnection { ...Edges }'
    const edges = ' fragment Edges on UserListConnection { edges { node { ... on User { id username } } } }'
    expect(cost(named + edges, { n: 30 })).toBe(1 + 1 + 30 * 3)
    expect(cost(named + edges)).toBe(1 + 1 + 50 * 3)
  })

  test.each([[{ n: 'many' }], [{ n: -1 }], [{ n: 1e9 }], [{ n: [1] }]])(
    'takes the longest page for a length that is none: %j',
    (variables) => {
      const query = 'query Q($n: Int) { userList(first: $n) { edges { node { id } } } }'
      expect(cost(query, variables)).toBe(1 + 1 + 200 * 2)
    },
  )

  // Threat C1: a page of 200 counted as one of 50, and pages inside pages four times less at each level
  test('takes a page to be as long as the document itself says where a variable comes without a value', () => {
    const leases = 'leases(first: $n) { edges { node { id } } }'
    const query = `query Q($n: Int = 200) { userList(first: $n) { edges { node { ${leases} } } } }`
    const nested = 1 + edgeCost + 1 + 200 * 2
    expect(cost(query)).toBe(1 + 1 + 200 * (1 + nested))
    expect(cost(query, { n: 3 })).toBe(1 + 1 + 3 * (1 + 1 + edgeCost + 1 + 3 * 2))
    // a value that is null is one: the page is as long as it is by itself
    expect(cost(query, { n: null })).toBe(1 + 1 + 50 * (1 + 1 + edgeCost + 1 + 50 * 2))
    expect(cost(items('(first: $n)', 'id').replace('{', 'query Q($n: Int = "x") {'))).toBe(1 + 1 + 200 * 2)
  })

  test('of what does not fit the schema is that of a field, and validation says so', () => {
    expect(cost('{ nothing { of { this } } userList { nothing } }')).toBe(1 + 1 + 1)
    expect(cost('subscription { nothing }')).toBe(1)
    expect(costOf(schema, { document: parse('query A { authWhoami { username } } query B { x }') })).toBe(0)
  })

  test('counts a nested call once for each thing that it is asked of, with its own page', () => {
    const holder = 'leases(first: 3) { edges { node { id } } }'
    const leases = 1 + edgeCost + 1 + 3 * 2
    expect(cost(`{ sshHostList(first: 10) { edges { node { id ${holder} } } } }`)).toBe(1 + 1 + 10 * (1 + 1 + leases))
    const page = 'fragment Page on LeaseListConnection { edges { node { id } } }'
    const hosts = 'sshHostList(first: 10) { edges { node { leases { ...Page } } } }'
    const both = `{ a: leaseList(first: 7) { ...Page } ${hosts} }`
    expect(cost(`${both} ${page}`)).toBe(1 + 1 + 7 * 2 + (1 + 1 + 10 * (1 + 1 + edgeCost + 1 + 50 * 2)))
    // of several, as many as a list inside an item counts
    expect(cost('{ workspaceGet(input: { id: "a" }) { teamDetails { id } } }')).toBe(1 + 1 + 5 * (edgeCost + 1))
    // things that lead to one another go on as far as a document is deep, and cost what they ask
    const round = '{ leaseList { edges { node { host { leases { edges { node { host { id } } } } } } } } }'
    expect(cost(round)).toBeGreaterThan(documentCostMax)
  })

  test('of a change or a stream has no nested calls: they are refused', () => {
    for (const query of [
      'mutation { teamCreate(input: { name: "a" }) { members { user { id } } } }',
      'subscription { leaseWatch { ...Host } } fragment Host on Lease { host { id } }',
    ])
      expect(() => cost(query)).toThrow(expect.objectContaining({ code: 'invalid-input' }))
  })

  test('is refused over its limit, with both numbers', () => {
    expect(() => refuseTooCostly(documentCostMax)).not.toThrow()
    expect(() => refuseTooCostly(documentCostMax + 1)).toThrow(
      expect.objectContaining({
        code: 'invalid-input',
        details: {
          fields: [{ path: 'query', message: expect.stringMatching(`${documentCostMax}.*${documentCostMax + 1}`) }],
        },
      }),
    )
  })

  test('of the longest page with all of an item is under the limit, of twenty of them over it', () => {
    const all = 'id username displayName status createdAt'
    const one = `userList(first: 200) { edges { node { ${all} } } }`
    expect(cost(`{ ${one} }`)).toBeLessThan(documentCostMax)
    const twenty = Array.from({ length: 20 }, (_, at) => `a${at}: ${one}`).join(' ')
    expect(cost(`{ ${twenty} }`)).toBeGreaterThan(documentCostMax)
  })
})
