import { loadConfig } from '@gatehouse/config'
import { describe, expect, test } from 'vitest'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ourHosts } from './allowed-hosts.ts'

const hostsWith = (env: Readonly<Record<string, string>>, file = '') => {
  const home = mkdtempSync(join(tmpdir(), 'gh-hosts-'))
  writeFileSync(join(home, 'security.toml'), file)
  return ourHosts(loadConfig({ GATEHOUSE_CONFIG: join(home, 'security.toml'), ...env }, home))
}

describe('our hosts', () => {
  const GATEHOUSE_PUBLIC_URL = 'https://gatehouse.example.org'
  test('are that of the public URL and those that are listed, and not those of this machine', () => {
    const isOurs = hostsWith(
      { GATEHOUSE_PUBLIC_URL },
      '[http]\nhosts = ["gatehouse.internal", "10.0.0.5", "fd00::5"]\n',
    )
    const names = [
      'gatehouse.example.org',
      'gatehouse.internal',
      '10.0.0.5',
      'fd00::5',
      'localhost',
      '127.0.0.1',
      'example.org',
    ]
    expect(names.filter(isOurs)).toEqual(['gatehouse.example.org', 'gatehouse.internal', '10.0.0.5', 'fd00::5'])
  })

  test('are those of this machine in development, and where people reach the web by one', () => {
    const names = ['localhost', '127.0.0.1', '::1', 'rebind.example', '192.0.2.1']
    expect(names.filter(hostsWith({ GATEHOUSE_PUBLIC_URL, GATEHOUSE_DEV: '1' }))).toEqual(names.slice(0, 3))
    expect(names.filter(hostsWith({}))).toEqual(names.slice(0, 3))
  })

  test.each(['https://gatehouse.internal', 'gatehouse.internal:8420', 'Gatehouse.internal', 'a/b', '', '[fd00::5]'])(
    '`%s` is no host to list, and the start says so',
    (host) => expect(() => hostsWith({}, `[http]\nhosts = ["${host}"]\n`)).toThrow('http.hosts'),
  )
})
