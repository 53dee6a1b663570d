import { operations, TotpAlgorithm, type Raw } from '@gatehouse/contract'
import type { Cli } from './cli.ts'
import { CliError } from './cli-error.ts'
import type { Client } from './client.ts'
import { textOf, type Arguments } from './parse-arguments.ts'
import { printable } from './printable.ts'
import { showJson, showOutput } from './show-output.ts'

/** Starts an enrolment: QR code and key for the app; on a terminal it is finished at once by the first code. */
export const runTotpEnrolment = async (cli: Cli, { values }: Arguments): Promise<number> => {
  const client = await cli.client()
  const enrolment = await client.call('totp.enroll', inputOf(values))
  if (cli.options.form === 'json') {
    showJson(cli, enrolment)
    return 0
  }
  if (cli.options.quiet) cli.terminal.out(`${printable(enrolment.id)}\n`)
  else await draw(cli, enrolment)
  if (cli.terminal.interactive) return confirm(cli, client, enrolment.id)
  cli.terminal.talk(`finish it: gatehouse totp confirm ${printable(enrolment.id)} --totp CODE\n`)
  return 0
}

const inputOf = (values: Arguments['values']): Raw<'totp.enroll'> => {
  const [name, algorithm] = [textOf(values, 'name'), TotpAlgorithm.safeParse(values['algorithm'])]
  return {
    ...(name === null ? {} : { name }),
    ...(algorithm.success ? { algorithm: algorithm.data } : {}),
    ...(values['digits'] === '8' ? { digits: 8 } : {}),
  }
}

const draw = async (
  cli: Cli,
  { id, secret, otpauthUri }: { id: string; secret: string; otpauthUri: string },
): Promise<void> => {
  const { renderUnicodeCompact } = await import('uqr')
  cli.terminal.talk(
    `scan this with your authenticator app, or type the key:\n\n` +
      `${onPaper(renderUnicodeCompact(otpauthUri, { border: 2 }), cli.terminal.colour)}\n\n`,
  )
  const key = secret.match(/.{1,4}/g)?.join(' ') ?? secret
  cli.terminal.out(`id   ${printable(id)}\nkey  ${printable(key)}\n`)
}

/**
 * White on black of the 256 colours, which no theme repaints: the light modules are drawn, so that the code is the
 * right way round on dark and on light terminals.
 */
const PAPER = '\u001b[38;5;231;48;5;16m'

const onPaper = (drawn: string, colour: boolean): string =>
  colour
    ? drawn
        .split('\n')
        .map((line) => `${PAPER}${line}\u001b[0m`)
        .join('\n')
    : drawn

/** A code that was read too late may be typed again. */
const PROMPTS_MAX = 3

const confirm = async (cli: Cli, client: Client, id: string): Promise<number> => {
  for (let prompt = 1; ; prompt += 1) {
    const code = await cli.terminal.ask('code that it shows now: ', 'hidden')
    try {
      showOutput(cli, operations['totp.confirm'], await client.call('totp.confirm', { id, code }))
      return 0
    } catch (error) {
      if (!(error instanceof CliError) || error.code !== 'invalid-credentials' || prompt === PROMPTS_MAX) throw error
      cli.terminal.talk(`${error.message}\n`)
    }
  }
}
