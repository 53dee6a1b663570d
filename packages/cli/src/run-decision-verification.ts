import { createReadStream } from 'node:fs'
import { resolve } from 'node:path'
import { whyUnread } from '@gatehouse/kit'
import type { ReceiptCheck } from '@gatehouse/policy/offline'
import { boundedBytes } from './bounded-bytes.ts'
import type { Cli } from './cli.ts'
import { flagError } from './cli-error.ts'
import { flag } from './flag.ts'
import { requireFlags, textOf, type Arguments } from './parse-arguments.ts'
import { policyEngine } from './policy-engine.ts'
import { printable } from './printable.ts'
import { showJson } from './show-output.ts'

/** A receipt holds the policies that decided; thousands of them fit. */
const receiptBytesMax = 64 * 1024 * 1024

/** Makes a recorded decision again from its receipt, without a server. Exit 1 unless it comes to the same. */
export const runDecisionVerification = async (cli: Cli, { values }: Arguments): Promise<number> => {
  requireFlags(values, [flag('file', '', { required: true })])
  const name = textOf(values, 'file') ?? ''
  const receipt = new TextDecoder().decode(await bytesOf(cli, name))
  const { verifyReceipt } = await policyEngine()
  const check = verifyReceipt(receipt)
  if (cli.options.form === 'json') showJson(cli, check)
  else cli.terminal.out(`${sentenceOf(check)}\n`)
  return check.ok ? 0 : 1
}

const bytesOf = async ({ terminal, config }: Cli, name: string): Promise<Uint8Array> => {
  if (name === '-') return terminal.readBytes(receiptBytesMax)
  try {
    return await boundedBytes(createReadStream(resolve(config.cwd, name)), receiptBytesMax)
  } catch (cause) {
    throw flagError('file', `cannot read ${name}: ${whyUnread(cause)}`)
  }
}

const sentenceOf = ({ verdict, problems }: ReceiptCheck): string => {
  if (verdict === null || problems.length > 0) return problems.map(printable).join('\n')
  const by = verdict.policies.length === 0 ? '' : ` by ${printable(verdict.policies.join(', '))}`
  return `made again, the same: ${verdict.effect}${by}`
}
