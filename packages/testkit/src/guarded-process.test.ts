import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, it } from 'vitest'
import { startGuarded } from './guarded-process.ts'
import { identifyProcess, isRunning, waitForEnd } from './process-identity.ts'

it('a server stopped by its guard is gone when stop returns', async () => {
  const server = startGuarded({ command: 'sleep', args: ['61.5'], log: 'ignore', stopSignal: 'TERM' })
  await server.stop()
  expect(server.child.exitCode).toBe(0)
})

it('a server that ends by itself ends its guard', async () => {
  const server = startGuarded({ command: 'true', args: [], log: 'ignore', stopSignal: 'TERM' })
  await server.ended
  expect(server.child.exitCode).toBe(0)
})

it('a server does not outlive a killed owner', async () => {
  const owner = spawn(process.execPath, [
    '--input-type=module',
    '-e',
    `
    import { startGuarded } from ${JSON.stringify(new URL('guarded-process.ts', import.meta.url).href)}
    startGuarded({ command: '/bin/sh', args: ['-c', 'echo $$ >&2; exec sleep 61.5'], log: 2, stopSignal: 'TERM' })
    setInterval(() => {}, 1000)`,
  ])
  const [pid]: unknown[] = await once(owner.stderr, 'data')
  const server = identifyProcess(Number(String(pid)))
  expect(server && isRunning(server)).toBe(true)
  owner.kill('SIGKILL')
  expect(server && (await waitForEnd(server, 5_000))).toBe(true)
})
