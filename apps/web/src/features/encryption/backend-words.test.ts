import { expect, it } from 'vitest'
import {
  backendFacts,
  backendNames,
  chosenBackends,
  fieldOf,
  keysLeft,
  problemWords,
  sealedWord,
  standingMark,
} from './backend-words.ts'

it('a backend that is not here is said to be so, and nothing is made up about it', () => {
  expect(standingMark({ state: 'absent' })).toBe('not on this machine')
  const facts = backendFacts({ reach: null, opensDatabase: null, quantumSafe: null })
  expect(facts.map(([, value]) => value)).toEqual(['not known', 'not known', 'not known'])
})

it('what a backend is comes from what the server says of it', () => {
  expect(backendFacts({ reach: 'remote', opensDatabase: true, quantumSafe: false }).map(([, value]) => value)).toEqual([
    'yes',
    'are sent to it',
    'no',
  ])
})

it('what is wrong with a backend is a sentence, whether it is here or not', () => {
  expect(problemWords({ state: 'unusable', problem: 'does not answer' })).toBe('It does not answer.')
  expect(problemWords({ state: 'absent', problem: 'the key is not on this machine' })).toBe(
    'The key is not on this machine.',
  )
})

it('a sealed column that has no words is shown by its name', () => {
  expect(sealedWord({ table: 'signing_key', column: 'private_key' })).toMatch(/sign access tokens/)
  expect(sealedWord({ table: 'signing_key', column: 'another' })).toBeNull()
})

it('keys without material are not counted among those that are there', () => {
  expect(
    keysLeft({
      keys: [
        { state: 'enabled', count: 3 },
        { state: 'pending-deletion', count: 1 },
        { state: 'destroyed', count: 7 },
      ],
    }),
  ).toBe(4)
})

it('a key is given backends by the names that it knows them by, that of [kms] unless somebody chooses', () => {
  const names = backendNames(['kms', 'kms.second', 'kms.regions.berlin'].map((section) => ({ section })))
  expect(names).toEqual(['installation', 'berlin'])
  expect(chosenBackends(names, {})).toEqual(['installation'])
  expect(chosenBackends(names, { [fieldOf('berlin')]: 'yes' })).toEqual(['installation', 'berlin'])
  expect(chosenBackends(names, { [fieldOf('berlin')]: 'yes', [fieldOf('installation')]: 'no' })).toEqual(['berlin'])
  expect(chosenBackends(names, { [fieldOf('installation')]: 'no' })).toEqual([])
})
