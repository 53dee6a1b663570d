import { writeFileSync } from 'node:fs'
import { mkdir, mkdtemp, rm, symlink, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readPolicySource } from './policy-source.ts'

let path: string
beforeEach(async () => {
  path = await mkdtemp(join(tmpdir(), 'gatehouse-policy-source-'))
  await writeFile(join(path, 'all.cedarschema'), 'entity User;')
})
afterEach(() => rm(path, { recursive: true, force: true }))

test('a file that is far too large is refused without being read', async () => {
  await writeFile(join(path, 'large.cedar'), '')
  await truncate(join(path, 'large.cedar'), 2 ** 40) // more than any machine could read
  await expect(readPolicySource(path)).rejects.toThrow('larger than')
})

test('a mistaken path to a tree of other things is refused before all of it was looked at', async () => {
  for (let folder = 0; folder < 6; folder += 1) {
    await mkdir(join(path, `folder-${folder}`))
    const names = Array.from({ length: 1_800 }, (_, at) => join(path, `folder-${folder}`, `${at}`))
    await Promise.all(names.map((name) => mkdir(name)))
  }
  await expect(readPolicySource(path)).rejects.toThrow('more than 10000 files and directories')
})

// Editors write under another name and rename: on a busy machine an edit was refused, with an alert, for that name.
test('what is listed and gone a moment later is looked for again, and refused when it stays away', async () => {
  await writeFile(join(path, 'one.cedar'), 'permit (principal, action, resource);')
  await symlink(join(path, 'elsewhere'), join(path, 'two.cedar'))
  setTimeout(() => writeFileSync(join(path, 'elsewhere'), '// two'), 5)
  expect((await readPolicySource(path)).policies.map(({ file }) => file)).toEqual(['one.cedar', 'two.cedar'])
  await rm(join(path, 'elsewhere'))
  await expect(readPolicySource(path)).rejects.toThrow(/^two\.cedar: cannot be read: there is no such file/)
})
