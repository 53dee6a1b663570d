import { expect, it } from 'vitest'
import { placed } from './form.ts'

it('what is wrong stands at the control of its field, or of the next field around it', () => {
  const values = { name: '', 'postgres.grants': '', tags: '' }
  expect(
    placed(
      { 'postgres.grants.1': 'an SQL role', 'postgres.grants.2': 'another', 'tags.0.key': 'a key', 'aws.region': 'x' },
      values,
    ),
  ).toEqual({ 'postgres.grants': 'an SQL role', tags: 'a key', 'aws.region': 'x' })
})
