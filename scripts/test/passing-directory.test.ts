import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { makePassingDirectory } from './passing-directory.ts'

test('the directory of a run that was killed goes when the next one makes its own; those of others stay', () => {
  const place = mkdtempSync(join(tmpdir(), 'place-'))
  const [living, killed] = [makePassingDirectory(place), makePassingDirectory(place)]
  const stranger = mkdtempSync(join(place, 'gh-'))
  writeFileSync(join(killed, 'run.json'), JSON.stringify({ pid: process.pid, startedAt: 'before' }))
  const next = makePassingDirectory(place)
  expect([living, killed, stranger, next].map((path) => existsSync(path))).toEqual([true, false, true, true])
  rmSync(place, { recursive: true })
})
