import { expect, test } from 'vitest'
import { run } from '../test/run.ts'
import { startWireServer } from '../test/wire-server.ts'

test('doctor says what is out of order at the server, and where to look', async () => {
  const parts = [
    { name: 'database', health: 'ok', message: 'answers' },
    { name: 'proxies', health: 'ok', message: 'no proxy forwards that is not trusted' },
    { name: 'audit sinks', health: 'down', message: 'nothing is changed: archive is required' },
  ]
  const outputs: Readonly<Record<string, unknown>> = {
    'system.version': { version: '1.0.0' },
    'auth.whoami': { username: 'ada', assurance: 'su', missing: [] },
    'system.status': { parts, untrustedForwarding: [] },
  }
  const server = await startWireServer(({ name }) => ({ output: outputs[name] }))
  const { code, out } = await run(['doctor', '--json'], { env: { GATEHOUSE_URL: server.url, GATEHOUSE_TOKEN: 'x' } })
  server.close()
  const { items } = JSON.parse(out) as { items: { name: string; health: string; message: string }[] }
  expect(items.filter(({ name }) => parts.some((part) => part.name === name))).toEqual([
    parts[1],
    {
      name: 'audit sinks',
      health: 'down',
      message: 'nothing is changed: archive is required · gatehouse system status',
    },
  ])
  expect(code).toBe(1)
})
