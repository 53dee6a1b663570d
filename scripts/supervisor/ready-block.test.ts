import { expect, it } from 'vitest'
import { systemUrls } from './dev-file.ts'
import type { DevFile } from './dev-file.ts'
import { readyBlock } from './ready-block.ts'
import type { ReadyFacts } from './ready-block.ts'

const dev: DevFile = {
  readyAt: '2026-01-01T00:00:00.000Z',
  urls: systemUrls({ scheme: 'http', port: 8420 }, 'http://localhost:8423'),
  database: { url: 'postgres://run', adminUrl: 'postgres://own' },
  temporal: { address: '127.0.0.1:8422', namespace: 'gatehouse' },
  processes: { supervisor: 1, gateway: 2, worker: 3, postgres: 4, temporal: 5 },
  admin: { username: 'admin', oneTimePassword: 'amber-fox-11' },
  principals: [],
}
const block = (over: Partial<DevFile>, facts: Partial<ReadyFacts> = {}) =>
  readyBlock({
    dev: { ...dev, ...over },
    devFile: '.gatehouse/dev.json',
    otherHome: null,
    seconds: 3.21,
    loopbackLimited: false,
    ...facts,
  })

it('names every URL, the one-time password and the next command', () => {
  const text = block({})
  for (const part of [
    ...Object.values(dev.urls),
    'amber-fox-11',
    'npx --no-install gatehouse auth login --username admin',
  ])
    expect(text).toContain(part)
})

it('says that the password was changed, once it was', () => {
  expect(block({ admin: { username: 'admin', oneTimePassword: null } })).toContain('password already changed')
})

it('says whether loopback is exempt from the rate limit', () => {
  expect(block({})).toContain('loopback is exempt')
  expect(block({}, { loopbackLimited: true })).not.toContain('loopback is exempt')
})

it('gives commands that find a system in another state directory', () => {
  expect(block({}, { otherHome: '/srv/two' })).toContain(
    '    GATEHOUSE_HOME=/srv/two npx --no-install gatehouse auth login',
  )
  expect(block({})).not.toContain('GATEHOUSE_HOME')
})

it('shows no password but the administrator’s one-time one', () => {
  const principals = [{ username: 'ada', password: 'never-shown', totpSecret: 'NEVERSHOWN', role: 'Viewer', teams: [] }]
  expect(block({ principals })).not.toMatch(/never-?shown/i)
})
