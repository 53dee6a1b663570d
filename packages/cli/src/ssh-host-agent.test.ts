import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { expect, test } from 'vitest'
import { AGENT_PATH, agentScript, agentUnits } from './ssh-host-agent.ts'

const hasSystemd = spawnSync('systemd-analyze', ['--version']).status === 0

test.runIf(hasSystemd)('systemd takes each unit, and has nothing to say of any', () => {
  const directory = mkdtempSync(join(tmpdir(), 'gatehouse-units-'))
  try {
    const paths = agentUnits().map(({ path, lines }) => {
      const unit = join(directory, basename(path))
      // it looks whether the program is there, which this machine has not
      writeFileSync(unit, `${lines.join('\n')}\n`.replaceAll(AGENT_PATH, '/bin/sh'))
      return unit
    })
    const { status, stderr } = spawnSync('systemd-analyze', ['verify', ...paths], { encoding: 'utf8' })
    expect([status, stderr]).toEqual([0, ''])
  } finally {
    rmSync(directory, { recursive: true })
  }
})

// A stop that counts as a failure leaves a failed unit at every shutdown, and behind an agent that was undone.
test('an agent that is told to end has not failed, as its units say', () => {
  const script = agentScript({ serverUrl: 'https://gatehouse.example.org', fingerprint: 'f', hostCaFingerprint: 'h' })
  const [, status = ''] = /^trap 'exit (\d+)' TERM$/m.exec(script.join('\n')) ?? []
  for (const { lines } of agentUnits().filter(({ path }) => path.endsWith('.service')))
    expect(lines).toContain(`SuccessExitStatus=${status}`)
})
