import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sopsPath } from '@gatehouse/testkit'
import { generateX25519Identity, identityToRecipient } from 'age-encryption'
import type { FormatName } from '../src/formats/format.ts'

const endings = { yaml: 'yaml', json: 'json', dotenv: 'env', ini: 'ini', binary: 'bin' } as const satisfies Record<
  FormatName,
  string
>

/** The stock program in a directory of its own, with keys of its own. */
export interface StockSops {
  readonly recipients: readonly string[]
  readonly identities: readonly string[]
  /** Resolves to null where it refuses. */
  encrypt(source: Uint8Array, format: FormatName, rules: string): Promise<Uint8Array | null>
  /** Rejects where it refuses, with what it said. */
  decrypt(encrypted: Uint8Array, format: FormatName): Promise<Uint8Array>
  /** Any other command on a file with this content; resolves to the content afterwards. */
  change(encrypted: Uint8Array, format: FormatName, words: readonly string[]): Promise<Uint8Array>
  close(): Promise<void>
}

export const startStockSops = async ({ env: more }: { readonly env: NodeJS.ProcessEnv }): Promise<StockSops> => {
  const sops = await sopsPath()
  const directory = await mkdtemp(join(tmpdir(), 'gatehouse-sops-'))
  const identities = await Promise.all([1, 2, 3].map(() => generateX25519Identity()))
  const env = { PATH: process.env['PATH'], HOME: directory, SOPS_AGE_KEY: identities.join('\n'), ...more }
  const run = (words: readonly string[]): Promise<Buffer> =>
    new Promise((resolve, reject) => {
      execFile(
        sops,
        ['--disable-version-check', ...words],
        { cwd: directory, env, encoding: 'buffer', maxBuffer: 64_000_000 },
        (error, stdout, stderr) => {
          if (error === null) resolve(stdout)
          else reject(new Error(`sops ${words.join(' ')}: ${stderr.toString()}`, { cause: error }))
        },
      )
    })
  const fileFor = async (content: Uint8Array, format: FormatName): Promise<string> => {
    const path = join(directory, `file.${endings[format]}`)
    await writeFile(path, content)
    return path
  }
  return {
    recipients: await Promise.all(identities.map((identity) => identityToRecipient(identity))),
    identities,
    encrypt: async (source, format, rules) => {
      await writeFile(join(directory, '.sops.yaml'), rules)
      return run(['encrypt', await fileFor(source, format)]).catch(() => null)
    },
    decrypt: async (encrypted, format) => run(['decrypt', await fileFor(encrypted, format)]),
    change: async (encrypted, format, words) => {
      const path = await fileFor(encrypted, format)
      const [command = '', ...rest] = words
      await run([command, path, ...rest])
      return readFile(path)
    },
    close: () => rm(directory, { recursive: true, force: true }),
  }
}
