import { operations } from '@gatehouse/contract'
import type { Cli } from './cli.ts'
import { textOf, type Arguments } from './parse-arguments.ts'
import { askOrRequire, secretLines } from './secrets-from-stdin.ts'
import { showOutput } from './show-output.ts'

/** Asks whether a password is good on this machine. Its own words are never an argument: all programs see those. */
export const runSshOtpVerify = async (cli: Cli, { values }: Arguments): Promise<number> => {
  const { terminal } = cli
  const said = Object.fromEntries(
    (['account', 'clientAddress', 'hostFingerprint'] as const).flatMap((field) => {
      const text = textOf(values, field)
      return text === null ? [] : [[field, text]]
    }),
  )
  const typed =
    values['otpStdin'] === true
      ? (await secretLines(terminal, 1, 'otp-stdin'))[0]
      : await askOrRequire(terminal, { flag: 'otp-stdin', question: 'one-time password: ', echo: 'hidden' })
  const client = await cli.client()
  const answer = await client.call('sshOtp.verify', { otp: typed ?? '', ...said })
  showOutput(cli, operations['sshOtp.verify'], answer)
  return 0
}
