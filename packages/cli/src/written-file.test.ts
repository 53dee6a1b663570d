import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { writeWhole } from './written-file.ts'

let directory: string
let path: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'gatehouse-written-'))
  path = join(directory, 'out')
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

async function* parts(...texts: (string | Error)[]): AsyncGenerator<Buffer> {
  for (const text of texts) {
    if (text instanceof Error) throw text
    yield await Promise.resolve(Buffer.from(text))
  }
}
const write = (existing: 'keep' | 'replace', ...texts: (string | Error)[]) =>
  writeWhole({ path, name: 'out', existing }, parts(...texts))

test('a stream becomes a file of its owner alone', async () => {
  expect(await write('keep', 'one ', 'two')).toBe(7)
  expect(readFileSync(path, 'utf8')).toBe('one two')
  expect(statSync(path).mode & 0o777).toBe(0o600)
  expect(readdirSync(directory)).toEqual(['out'])
})

test('what breaks off on the way leaves nothing, and what was there as it was', async () => {
  await expect(write('keep', 'half', new Error('broken'))).rejects.toThrow('broken')
  expect(readdirSync(directory)).toEqual([])
  writeFileSync(path, 'before')
  await expect(write('replace', 'half', new Error('broken'))).rejects.toThrow('broken')
  expect(readFileSync(path, 'utf8')).toBe('before')
  expect(readdirSync(directory)).toEqual(['out'])
})

test('one that is there is replaced only where that was said, also when it came meanwhile', async () => {
  async function* meanwhile(): AsyncGenerator<Buffer> {
    writeFileSync(path, 'theirs')
    yield await Promise.resolve(Buffer.from('ours'))
  }
  await expect(writeWhole({ path, name: 'out', existing: 'keep' }, meanwhile())).rejects.toThrow(/there already/)
  await expect(write('keep', 'ours')).rejects.toThrow(/there already; --force/)
  expect(readFileSync(path, 'utf8')).toBe('theirs')
  expect(await write('replace', 'ours')).toBe(4)
  expect(readFileSync(path, 'utf8')).toBe('ours')
})

test('a directory that is not there is told by the name that was typed', async () => {
  await expect(
    writeWhole({ path: join(directory, 'no', 'out'), name: 'no/out', existing: 'keep' }, parts('x')),
  ).rejects.toThrow('cannot write no/out: there is no such file or directory')
})
