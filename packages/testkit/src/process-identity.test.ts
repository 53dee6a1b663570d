import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, it } from 'vitest'
import { endProcess, identifyProcess, isRunning, waitForEnd } from './process-identity.ts'

const sleeper = () => spawn('sleep', ['60'])
const identityOf = (pid: number | undefined) => {
  const identity = identifyProcess(pid ?? 0)
  if (identity === null) throw new Error('the process should live')
  return identity
}

it('a process is known by its number and its start', async () => {
  const child = sleeper()
  const identity = identityOf(child.pid)
  expect(isRunning(identity)).toBe(true)
  expect(isRunning({ ...identity, startedAt: `${identity.startedAt}0` })).toBe(false)
  child.kill('SIGKILL')
  await once(child, 'exit')
  expect(isRunning(identity)).toBe(false)
})

it('a stranger with a dead process’s number is left alone', async () => {
  const child = sleeper()
  const identity = identityOf(child.pid)
  expect(await endProcess({ ...identity, startedAt: 'long ago' }, [{ signal: 'SIGKILL', waitMs: 100 }])).toBe(true)
  expect(isRunning(identity)).toBe(true)
  child.kill('SIGKILL')
})

it('a process that ignores the first signal is ended by the next', async () => {
  const child = spawn('/bin/sh', ['-c', 'trap "" TERM; echo set; while :; do sleep 0.1; done'])
  await once(child.stdout, 'data')
  const identity = identityOf(child.pid)
  expect(await endProcess(identity, [{ signal: 'SIGTERM', waitMs: 200 }])).toBe(false)
  expect(
    await endProcess(identity, [
      { signal: 'SIGTERM', waitMs: 50 },
      { signal: 'SIGKILL', waitMs: 2_000 },
    ]),
  ).toBe(true)
  expect(await waitForEnd(identity, 0)).toBe(true)
})
