import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { testSeed, volume } from '@gatehouse/testkit'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ageIdentities, ageKeys, formatOf, openDocument, plainBytes, SopsError } from './index.ts'

const golden = join(import.meta.dirname, '..', 'testdata', 'golden')
const services = [ageKeys(ageIdentities(readFileSync(join(golden, 'keys.txt'), 'utf8')))]
const names = ['sops-3.11.0.yaml', 'sops-3.11.0.json', 'sops-3.11.0.env', 'sops-3.11.0.ini', 'sops-3.11.0.bin']
const pieces = fc.constantFrom(
  'ENC[',
  ']',
  '{',
  '}',
  '[',
  ':',
  '\n',
  '*a',
  '&a ',
  '- ',
  '"',
  '#',
  ',type:int]',
  '\0',
  '=',
)
const places = fc.tuple(fc.nat(), fc.nat(40), pieces)

test.each(names)('%s with anything cut out of it or put into it is read or refused by name', async (name) => {
  const whole = readFileSync(join(golden, name), 'latin1')
  const property = fc.asyncProperty(fc.array(places, { minLength: 1, maxLength: 4 }), async (changes) => {
    const mutated = changes.reduce((text, [place, cut, piece]) => {
      const at = place % text.length
      return text.slice(0, at) + piece + text.slice(at + cut)
    }, whole)
    const answer = await openDocument(Buffer.from(mutated, 'latin1'), { format: formatOf(name), services }).then(
      plainBytes,
      (error: unknown) => error,
    )
    if (!(answer instanceof Uint8Array)) expect(answer).toBeInstanceOf(SopsError)
  })
  await fc.assert(property, { numRuns: volume({ full: 20_000, sample: 150 }), seed: testSeed(), endOnFailure: true })
})
