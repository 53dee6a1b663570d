import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { appendFile } from './append-file.ts'

let directory: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'gatehouse-sink-file-'))
})
afterEach(() => rm(directory, { recursive: true }))

// Threat F1: a disk that is full takes the beginning of a batch, and all of the batch comes again
test('a batch that does not fit is not in the file in part, and comes once when there is room', async () => {
  const batch = Array.from({ length: 2000 }, (_, n) => `line ${n}\n`).join('')
  await appendFile(directory, 'sink.jsonl', 'first\n')
  // a process that may write no file longer than 4 or 8 KiB, as `sh` counts blocks, and goes on when it may not
  const script = `
    const { appendFile } = await import(${JSON.stringify(new URL('append-file.ts', import.meta.url).href)})
    const error = await appendFile(${JSON.stringify(directory)}, 'sink.jsonl', process.argv[1]).catch((cause) => cause)
    console.log(error.message)`
  const limited = `trap '' XFSZ; ulimit -f 8; exec "$0" "$@"`
  const { stdout } = await promisify(execFile)(
    'sh',
    ['-c', limited, process.execPath, '--input-type=module', '-e', script, batch],
    { env: { ...process.env, NODE_DISABLE_COMPILE_CACHE: '1' } },
  )
  expect(stdout.trim()).toBe('the file cannot be written: EFBIG')
  expect(await readFile(join(directory, 'sink.jsonl'), 'utf8')).toBe('first\n')
  await appendFile(directory, 'sink.jsonl', batch)
  expect(await readFile(join(directory, 'sink.jsonl'), 'utf8')).toBe(`first\n${batch}`)
})

// Threat F3: whatever names a sink, what is written stands in the one directory of the settings
test.each(['../sink.jsonl', '/tmp/sink.jsonl', 'a/b', '', '.', '..', 'A', 'a\0'])(
  '%j is no file of ours',
  async (name) => {
    await expect(appendFile(directory, name, 'line\n')).rejects.toThrow('the file has no name that a sink may have')
    expect(await readdir(directory)).toEqual([])
  },
)
