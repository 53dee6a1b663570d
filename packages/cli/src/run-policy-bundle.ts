import { readFile, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import {
  bundleKeyText,
  bundleSigner,
  makeBundleKey,
  manifestFile,
  signBundle,
  type BundleSigner,
} from '@gatehouse/policy/bundle'
import { whyUnread } from '@gatehouse/kit'
import type { Cli } from './cli.ts'
import { flagError } from './cli-error.ts'
import { now } from './clock.ts'
import { flag } from './flag.ts'
import { requireFlags, textOf, type Arguments } from './parse-arguments.ts'
import { policyFilesIn } from './run-policy-publish.ts'
import { showJson } from './show-output.ts'

const nameDefault = 'policies'

/** Signs a policy directory: writes beside its files what each of them is. No server is asked. */
export const runPolicyBundle = async (cli: Cli, { values }: Arguments): Promise<number> => {
  requireFlags(values, [flag('directory', '', { required: true }), flag('key', '', { required: true })])
  const directory = textOf(values, 'directory') ?? ''
  const path = resolve(cli.config.cwd, directory)
  const given = await policyFilesIn(path, directory)
  const keyFile = resolve(cli.config.cwd, textOf(values, 'key') ?? '')
  const pem = await readFile(keyFile, 'utf8').catch((cause: Error) => {
    throw flagError('key', `cannot read ${keyFile}: ${whyUnread(cause)}`)
  })
  const signer = signerOf(pem, textOf(values, 'name') ?? nameDefault)
  const files = given.map((file) => ({ file: file.path, text: file.text }))
  const manifest = join(path, manifestFile)
  await writeFile(manifest, signBundle(files, now(), signer)).catch((cause: Error) => {
    throw flagError('directory', `cannot write ${manifest}: ${whyUnread(cause)}`)
  })
  const key = bundleKeyText(signer)
  if (cli.options.form === 'json') showJson(cli, { manifest, files: files.length, key })
  else cli.terminal.out(`signed ${files.length} files: ${manifest}\nby the key ${key}\n`)
  return 0
}

/** Makes a private key that policies are signed by, in a new file for its owner alone. */
export const runPolicyBundleKey = async (cli: Cli, { values }: Arguments): Promise<number> => {
  requireFlags(values, [flag('file', '', { required: true })])
  const file = resolve(cli.config.cwd, textOf(values, 'file') ?? '')
  const pem = makeBundleKey()
  const key = bundleKeyText(signerOf(pem, textOf(values, 'name') ?? nameDefault))
  await writeFile(file, pem, { mode: 0o600, flag: 'wx' }).catch((cause: Error) => {
    throw flagError('file', `cannot write ${file}: ${whyUnread(cause)}`)
  })
  if (cli.options.form === 'json') showJson(cli, { file, key })
  else cli.terminal.out(`${file}: keep it where no gateway is\n[cedar] bundle_keys = ["${key}"]\n`)
  return 0
}

function signerOf(pem: string, name: string): BundleSigner {
  const signer = bundleSigner(pem, name)
  if (signer === null) throw flagError('key', 'an Ed25519 private key in PEM, and a name without spaces and plus signs')
  return signer
}
