import { execFile } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { buildRevocationList, formatPublicKey, generateEd25519, type PublicKey } from '@gatehouse/ssh/wire'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { managementKeyLine, setupScript, type HostSetup } from '../src/ssh-host-setup.ts'

const runFile = promisify(execFile)

let root: string
let server: Server
let ca: PublicKey
let krl: Uint8Array | null
let setup: HostSetup

beforeAll(async () => {
  ca = (await generateEd25519()).publicKey
  krl = list([])
  server = createServer((_, response) => {
    response.writeHead(krl === null ? 503 : 200)
    response.end(krl === null ? 'busy' : Buffer.from(krl))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  root = mkdtempSync(join(tmpdir(), 'gatehouse-setup-'))
  for (const directory of ['etc/ssh', 'usr/local/sbin', 'etc/systemd/system'])
    mkdirSync(join(root, directory), { recursive: true })
  writeFileSync(join(root, 'etc/ssh/sshd_config'), 'PermitRootLogin no\n')
  setup = {
    serverUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, // listening on TCP
    caLine: formatPublicKey(ca),
    managementLine: formatPublicKey((await generateEd25519('gatehouse-management')).publicKey),
    access: 'ca',
    user: 'root',
    gatewayAddresses: ['192.0.2.7', '2001:db8::1'],
  }
})
afterAll(async () => {
  server.close()
  await once(server, 'close')
  rmSync(root, { recursive: true })
})

const list = (serials: readonly bigint[]): Uint8Array =>
  buildRevocationList({
    version: BigInt(serials.length + 1),
    generatedAt: new Date(),
    comment: '',
    certificates: [{ caKey: ca, serials: serials.length === 0 ? [1n] : serials }],
    keys: [],
  })

/**
 * The script as it is, in a directory that stands for the host's root; sshd and systemd are the only things that it
 * does not really touch.
 */
const runIn = (script: string) => {
  const moved = script
    .replaceAll('/etc/', `${root}/etc/`)
    .replaceAll('/usr/local/', `${root}/usr/local/`)
    .replaceAll('/run/', `${root}/run/`)
  const path = join(root, 'setup.sh')
  writeFileSync(path, moved.replace('sshd -t', ':').replace(/kill -HUP .*; fi/, ':; fi'))
  return runFile('sh', [path])
}

describe('the script that sets a host up', () => {
  test('is one that a POSIX shell can read, in both forms', async () => {
    for (const access of ['ca', 'managementKey'] as const) {
      writeFileSync(join(root, 'check.sh'), setupScript({ ...setup, access }))
      await runFile('sh', ['-n', join(root, 'check.sh')])
    }
  })

  test("lays down CA, revocation list, sshd's lines and the timer, and may be run again", async () => {
    await runIn(setupScript(setup))
    await runIn(setupScript(setup))
    const read = (path: string): string => readFileSync(join(root, path), 'utf8')
    expect(read('etc/ssh/gatehouse_ca.pub')).toBe(`${formatPublicKey(ca)}\n`)
    expect(Buffer.compare(readFileSync(join(root, 'etc/ssh/gatehouse.krl')), Buffer.from(krl ?? []))).toBe(0)
    expect(statSync(join(root, 'etc/ssh/gatehouse.krl')).mode & 0o777).toBe(0o644)
    expect(read('etc/ssh/sshd_config.d/50-gatehouse.conf')).toBe(
      `TrustedUserCAKeys ${root}/etc/ssh/gatehouse_ca.pub\nRevokedKeys ${root}/etc/ssh/gatehouse.krl\n`,
    )
    expect(read('etc/ssh/sshd_config').match(/^Include /gm)).toHaveLength(1)
    expect(read('etc/systemd/system/gatehouse-krl.timer')).toContain('OnUnitActiveSec=1min')
    const { stdout } = await runFile('ssh-keygen', ['-Q', '-l', '-f', join(root, 'etc/ssh/gatehouse.krl')])
    expect(stdout).toContain('KRL')
  })

  // An unreadable RevokedKeys locks everybody out of the host.
  test.each([
    ['an error page', null],
    ['half a list', 'half'],
    ['something else', 'text'],
  ])('never lets %s take the place of a good list', async (_, kind) => {
    const good = readFileSync(join(root, 'etc/ssh/gatehouse.krl'))
    krl = kind === null ? null : kind === 'half' ? list([2n, 3n]).subarray(0, 60) : Buffer.from('<html>')
    await expect(runFile('sh', [join(root, 'usr/local/sbin/gatehouse-krl')])).rejects.toThrow()
    expect(Buffer.compare(readFileSync(join(root, 'etc/ssh/gatehouse.krl')), good)).toBe(0)
    krl = list([])
  })

  test('takes a new list when there is one', async () => {
    krl = list([5n, 6n])
    chmodSync(join(root, 'usr/local/sbin/gatehouse-krl'), 0o755)
    await runFile('sh', [join(root, 'usr/local/sbin/gatehouse-krl')])
    expect(Buffer.compare(readFileSync(join(root, 'etc/ssh/gatehouse.krl')), Buffer.from(krl))).toBe(0)
    expect(existsSync(join(root, 'etc/ssh/gatehouse.krl.new'))).toBe(false)
  })

  test('lets the management key do sftp only, and from the gateway only', () => {
    expect(managementKeyLine(setup)).toBe(
      `restrict,command="internal-sftp",from="192.0.2.7,2001:db8::1" ${setup.managementLine}`,
    )
  })
})
