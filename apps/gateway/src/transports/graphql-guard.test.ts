// Threat C19: work before authentication grows with the bytes sent, never faster.
import { Refusal } from '@gatehouse/contract'
import { expect, it } from 'vitest'
import { guardDocument, type GuardFacts } from './graphql-guard.ts'

const stranger: GuardFacts = { unknown: new Refusal('unauthenticated'), introspection: false }
const known: GuardFacts = { unknown: null, introspection: true }

const refusalOf = (source: string, facts: GuardFacts = stranger): Refusal => {
  try {
    guardDocument(source, facts)
  } catch (error) {
    if (error instanceof Refusal) return error
    throw error
  }
  return expect.fail('it was let through')
}
const messageOf = (source: string, facts?: GuardFacts): string =>
  refusalOf(source, facts).details.fields?.[0]?.message ?? ''

const spreads = (count: number, name: string): string => Array.from({ length: count }, () => `...${name}`).join(' ')
/** Each fragment spreads the next one eight times: executed, 8^10 fields. */
const tree = Array.from({ length: 10 }, (_, at) => `fragment f${at} on Query{${spreads(8, `f${at + 1}`)}}`).join(' ')

const hostile: readonly (readonly [string, string])[] = [
  ['a fragment that spreads itself seven times', `{...a} fragment a on Query{${spreads(7, 'a')}}`],
  ['a fragment that spreads itself fifty times', `{...a} fragment a on Query{${spreads(50, 'a')}}`],
  [
    'two fragments that spread each other',
    `{...a} fragment a on Query{${spreads(20, 'b')}} fragment b on Query{${spreads(20, 'a')}}`,
  ],
  ['a tree of fragments, ten levels of eight', `{...f0} ${tree} fragment f10 on Query{systemVersion{version}}`],
  ['three thousand nested lists', `{systemVersion(input:${'['.repeat(3000)}${']'.repeat(3000)}){version}}`],
  ['three thousand nested fields', `${'{a'.repeat(1900)}${'}'.repeat(1900)}`],
  ['three thousand braces that never close', '{a'.repeat(1900)],
  ['a thousand aliases', `{${Array.from({ length: 1000 }, (_, at) => `a${at}:systemVersion{version}`).join(' ')}}`],
  ['one field three thousand times', `{systemVersion{${'version '.repeat(3000)}}}`],
  ['a thousand operations', Array.from({ length: 1000 }, (_, at) => `query q${at}{__typename}`).join(' ')],
  [
    'a thousand fragments',
    `{__typename} ${Array.from({ length: 500 }, (_, at) => `fragment f${at} on Query{__typename}`).join(' ')}`,
  ],
  ['text that is no document', '}{'.repeat(40_000)],
]

it.for(hostile)('%s is refused in less than a tenth of a second', ([, source]) => {
  const begun = process.cpuUsage() // the other suites share the cores
  expect(refusalOf(source)).toMatchObject({ code: 'invalid-input' })
  const { user, system } = process.cpuUsage(begun)
  expect((user + system) / 1000).toBeLessThan(100)
})

it('says what is too much', () => {
  expect(messageOf(`{...a} fragment a on Query{...a}`)).toBe('fragments that do not spread themselves')
  expect(messageOf(hostile[3]?.[1] ?? '')).toContain('root fields')
  expect(messageOf(`{${'a:__typename '.repeat(21)}}`, known)).toBe('at most 20 root fields in a document')
})

it('takes what our own clients send, fragments and all', () => {
  const source =
    'query q($input: LeaseListInput!){leaseList(input:$input){edges{node{...l}}}} fragment l on Lease{id state}'
  expect(guardDocument(source, known).definitions).toHaveLength(2)
  expect(guardDocument('{systemVersion{...v ...v}} fragment v on SystemVersion{version}', stranger)).toBeTruthy()
})

it('a stranger names nothing but what is open to strangers, through whatever fragment', () => {
  const hidden = '{...a} fragment a on Query{...b} fragment b on Query{... on Query{authWhoami{id}}}'
  expect(refusalOf(hidden)).toMatchObject({ code: 'unauthenticated' })
  expect(refusalOf('{__schema{types{name}}}')).toMatchObject({ code: 'unauthenticated' })
  expect(
    refusalOf('{...a} fragment a on Query{__type(name:"Query"){name}}', { unknown: null, introspection: false }),
  ).toMatchObject({ code: 'forbidden' })
})

it('tells who is locked that they are, and of the schema no more than a stranger is told', () => {
  const unknown = new Refusal('unauthenticated', { reason: 'user-locked' })
  expect(refusalOf('{ leaseList { edges { node { id } } } }', { unknown, introspection: true })).toBe(unknown)
})
