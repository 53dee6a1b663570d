import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { runsBefore } from './compile-sooner.ts'

test('V8 knows each of the numbers that are changed, and by itself waits longer', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, ['--v8-options'])
  for (const [flag, runs] of Object.entries(runsBefore)) {
    const [, byItself] = new RegExp(`^ +${flag} [^\\n]*\\n[^\\n]*default: ${flag}=(\\d+)$`, 'm').exec(stdout) ?? []
    expect(Number(byItself), flag).toBeGreaterThan(runs)
  }
})
