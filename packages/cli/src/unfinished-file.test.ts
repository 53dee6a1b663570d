import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { replaceFile } from './config-files.ts'
import { openExportFile } from './export-file.ts'
import { writePrivateFile } from './private-file.ts'
import { unfinishedName } from './unfinished-file.ts'
import { writeWhole } from './written-file.ts'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'gatehouse-unfinished-'))
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

/** Another process that leaves a half of a file, and says that it has. */
const half = (ending: 'part' | 'tmp') => {
  const script = `
    const { unfinishedName } = await import(${JSON.stringify(new URL('unfinished-file.ts', import.meta.url).href)})
    const { writeFileSync } = await import('node:fs')
    const path = ${JSON.stringify(join(directory, 'out'))}
    writeFileSync(await unfinishedName({ path, ending: '${ending}' }), 'half')
    console.log('written')
    setInterval(() => {}, 1000)`
  return spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
}

async function* whole(): AsyncGenerator<Buffer> {
  yield await Promise.resolve(Buffer.from('whole'))
}

async function exported(path: string): Promise<void> {
  const target = await openExportFile(path, null)
  await target.write('whole')
  await target.finish('signed')
  await target.close()
}

test.each([
  ['part', (path: string) => writeWhole({ path, name: 'out', existing: 'keep' }, whole())],
  ['tmp', (path: string) => replaceFile(path, Buffer.from('whole'))],
  ['tmp', (path: string) => writePrivateFile(path, 'whole')],
  ['tmp', exported],
] as const)('what a killed process left as .%s is removed by the next run (%#)', async (ending, write) => {
  const child = half(ending)
  await once(child.stdout, 'data')
  child.kill('SIGKILL')
  await once(child, 'exit')
  expect(readdirSync(directory)).toEqual([expect.stringMatching(/^out\.[0-9a-f-]+\.(part|tmp)$/)])
  await write(join(directory, 'out'))
  expect(readdirSync(directory).filter((name) => name !== 'out.manifest')).toEqual(['out'])
})

test('what a living process writes stays, and whatever is not known to be of an ended one', async () => {
  const child = half('part')
  await once(child.stdout, 'data')
  const [living = ''] = readdirSync(directory)
  const elsewhere = living.replace(/^out\.[0-9a-f]{8}/, 'out.00000000')
  const others = [elsewhere, 'out.part', 'notes.tmp', '.out.part']
  for (const name of others) writeFileSync(join(directory, name), 'theirs')
  // the process has ended, and another one has its number since then
  const ended = living.replace(/-[0-9a-f]{8}-([0-9a-f]{8}\.part)$/, '-ffffffff-$1')
  writeFileSync(join(directory, ended), 'half')
  await unfinishedName({ path: join(directory, 'out'), ending: 'part' })
  const left = readdirSync(directory)
  child.kill('SIGKILL')
  await once(child, 'exit')
  expect(left.toSorted()).toEqual([living, ...others].toSorted())
})
