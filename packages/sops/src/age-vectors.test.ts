import { createHash } from 'node:crypto'
import { inflateSync } from 'node:zlib'
import { secret } from '@gatehouse/contract'
import { armor } from 'age-encryption'
import * as vectors from 'cctv-age'
import { describe, expect, test } from 'vitest'
import { ageKeys } from './age-keys.ts'
import { stanzaOf } from './metadata.ts'

// Issue 12, acceptance 7: the public vectors of age (C2SP, Community Cryptography Test Vectors), read as wrapped data
// keys of a file: what must open opens, and of what must not, nothing is ever given out.

interface Vector {
  readonly expect: string
  readonly payload: string | undefined
  readonly identities: readonly string[]
  readonly enc: string
}

/** Of a longer wrapped data key nobody's file has need: these vectors hold whole streams. */
const encCharsMax = 16_384

function readVector(bytes: Uint8Array): Vector {
  const file = Buffer.from(bytes)
  const headEnd = file.indexOf('\n\n')
  const facts = file
    .subarray(0, headEnd)
    .toString('latin1')
    .split('\n')
    .map((line) => line.split(': ') as [string, string]) // each has its colon
  const valuesOf = (name: string) => facts.filter(([key]) => key === name).map(([, value]) => value)
  const rest = file.subarray(headEnd + 2)
  const body = valuesOf('compressed').includes('zlib') ? inflateSync(rest) : rest
  const isArmored = valuesOf('armored').includes('yes')
  return {
    expect: valuesOf('expect')[0] ?? '',
    payload: valuesOf('payload')[0],
    identities: valuesOf('identity'),
    enc: isArmored ? body.toString('latin1') : armor.encode(body),
  }
}

const unwrap = ({ identities, enc }: Vector) =>
  ageKeys(identities.map((identity) => secret(identity))).unwrap(stanzaOf('age', [['enc', enc]]))

const all = Object.entries(vectors).map(([name, bytes]) => [name, readVector(bytes)] as const)
const native = all.filter(([, { identities }]) => identities.length > 0)
const short = native.filter(([, { enc }]) => enc.length <= encCharsMax)

describe('age, by its public vectors', () => {
  test('are all here, of every kind', () => {
    expect(all.length).toBeGreaterThan(140)
    expect(short.filter(([, { expect: outcome }]) => outcome === 'success').length).toBeGreaterThan(15)
    expect(short.filter(([, { expect: outcome }]) => outcome !== 'success').length).toBeGreaterThan(60)
  })

  test.each(short)('%s', async (_name, vector) => {
    const opened = await unwrap(vector)
    const digest = opened && createHash('sha256').update(opened.expose()).digest('hex')
    expect(digest).toBe(vector.expect === 'success' ? vector.payload : null)
  })

  test.each(native.filter(([, { enc }]) => enc.length > encCharsMax))('%s is too long for a data key', async (_, one) =>
    expect(unwrap(one)).rejects.toMatchObject({ code: 'malformed' }),
  )
})
