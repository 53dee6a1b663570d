import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { buildSchema, parse, validate } from 'graphql'
import { expect, it } from 'vitest'
import { documents, enumSpellings } from '../../apps/web/src/generated/documents.ts'
import { policyWords } from '../../apps/web/src/generated/policy-words.ts'

const schema = buildSchema(
  readFileSync(join(import.meta.dirname, '..', '..', 'apps', 'gateway', 'schema.graphql'), 'utf8'),
)

it.each(Object.entries(documents))("the document of %s is valid by the gateway's schema", (_name, { text }) => {
  expect(validate(schema, parse(text)).map(({ message }) => message)).toEqual([])
})

it.each(Object.entries(enumSpellings))(
  "the values of %s are spelled as the gateway's schema does",
  (name, spellings) => {
    const type = schema.getType(name)
    expect(
      type !== undefined && 'getValues' in type
        ? type
            .getValues()
            .map((value) => value.name)
            .toSorted()
        : [],
    ).toEqual(Object.keys(spellings).toSorted())
  },
)

it('every policy has words', () => {
  expect(Object.keys(policyWords)).toContain('viewer-read-only')
  expect(Object.values(policyWords).filter((doc) => doc.length < 10)).toEqual([])
})
