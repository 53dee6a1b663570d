import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { ageIdentities, ageKeys, formatOf, openDocument, plainBytes } from './index.ts'

const golden = join(import.meta.dirname, '..', 'testdata', 'golden')
const read = (name: string): Buffer => readFileSync(join(golden, name))
const [first = '', second = ''] =
  read('keys.txt')
    .toString()
    .match(/^AGE-SECRET-KEY-.*$/gm) ?? []

const open = async (name: string, keys: readonly string[]): Promise<Buffer> => {
  const services = [ageKeys(ageIdentities(keys.join('\n')))]
  return Buffer.from(plainBytes(await openDocument(read(name), { format: formatOf(name), services })))
}

// Written once by the stock programs, and by nobody since.
describe.each(['3.9.4', '3.11.0'])('files of sops %s', (version) => {
  test.each(['yaml', 'json', 'env', 'ini', 'bin'])(
    '%s is read byte for byte as it reads it, by each of its keys',
    async (ending) => {
      const plain = read(`plain-${version}.${ending}`).toString('latin1')
      // versions before 3.10 ended JSON without a line break
      const expected = ending === 'json' ? `${plain.trimEnd()}\n` : plain
      for (const key of [first, second])
        expect((await open(`sops-${version}.${ending}`, [key])).toString('latin1')).toBe(expected)
    },
  )

  test('two key groups, a threshold of two, and a hash of what is encrypted only', async () => {
    expect(await open(`groups-${version}.yaml`, [first, second])).toEqual(read(`groups-plain-${version}.yaml`))
    await expect(open(`groups-${version}.yaml`, [first])).rejects.toMatchObject({ code: 'no-key' })
  })
})
