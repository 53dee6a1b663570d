import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { sourcePlaces, withSourcePlaces } from './source-places.ts'

test('a stack of a program that was put together names the places of its sources', () => {
  const directory = mkdtempSync(join(tmpdir(), 'gatehouse-places-'))
  try {
    const built = join(directory, 'main.mjs')
    // its second line is the third of the source
    const map = { version: 3, sources: ['../packages/policy/src/decider.ts'], names: [], mappings: ';AAEA' }
    writeFileSync(`${built}.map`, JSON.stringify(map))
    const source = join(directory, '..', 'packages', 'policy', 'src', 'decider.ts')
    expect(sourcePlaces(`Error: no\n    at ask (file://${built}:2:1)`)).toBe(`Error: no\n    at ask (${source}:3:1)`)
    const elsewhere = 'Error: no\n    at ask (file:///nowhere/other.mjs:2:1)\n    at node:internal/timers:1:2'
    expect(sourcePlaces(elsewhere)).toBe(elsewhere)
  } finally {
    rmSync(directory, { recursive: true })
  }
})

test('what a library logs in the place of an error never stops the process', () => {
  for (const said of [undefined, null, 'text', 7, {}, { stack: null }, new Error('no')])
    expect(withSourcePlaces(said)).toBe(said)
})
