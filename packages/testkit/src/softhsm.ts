import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { ServerSetupError } from './server-setup-error.ts'

const run = promisify(execFile)

/** Debian's package (each architecture has one of the first two), and Homebrew's. */
const modules = [
  '/usr/lib/softhsm/libsofthsm2.so',
  '/usr/lib64/softhsm/libsofthsm2.so',
  '/opt/homebrew/lib/softhsm/libsofthsm2.so',
  '/usr/local/lib/softhsm/libsofthsm2.so',
]

/** A token of SoftHSM's, of a test's own. */
export interface SoftToken {
  readonly module: string
  readonly token: string
  readonly pin: string
  /** Makes an object by a tool of others': `AES:32`, or another type that its `--key-type` takes. */
  makeKey(label: string, type: string): Promise<void>
}

/** A place for tokens of SoftHSM's. A process sees the one whose configuration it had when it loaded the module. */
export interface SoftHsm {
  /** What `SOFTHSM2_CONF` has to be. */
  readonly configuration: string
  /** A module does not see what is made after it was loaded. */
  createToken(): Promise<SoftToken>
  remove(): Promise<void>
}

/** Makes an empty one. */
export async function createSoftHsm(): Promise<SoftHsm> {
  const module = modules.find((path) => existsSync(path))
  if (module === undefined) throw new ServerSetupError('SoftHSM is not there: the tests of keys in tokens need it')
  const directory = await mkdtemp(join(tmpdir(), 'gatehouse-softhsm-'))
  const configuration = join(directory, 'softhsm2.conf')
  await writeFile(configuration, `directories.tokendir = ${directory}\nobjectstore.backend = file\nlog.level = ERROR\n`)
  const env = { ...process.env, SOFTHSM2_CONF: configuration }
  return {
    configuration,
    createToken: async () => {
      const [token, pin] = [`test-${randomBytes(6).toString('hex')}`, randomBytes(9).toString('base64url')]
      const initialise = ['--init-token', '--free', '--label', token, '--pin', pin, '--so-pin', pin]
      await run('softhsm2-util', initialise, { env })
      const login = ['--module', module, '--token-label', token, '--login', '--pin', pin]
      const makeKey = async (label: string, type: string): Promise<void> => {
        const key = ['--keygen', '--key-type', type, '--label', label, '--usage-decrypt', '--sensitive']
        await run('pkcs11-tool', [...login, ...key], { env })
      }
      return { module, token, pin, makeKey }
    },
    remove: () => rm(directory, { recursive: true, force: true }),
  }
}
