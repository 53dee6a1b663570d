import { operations } from '@gatehouse/contract'
import type { Cli } from './cli.ts'
import { flagError } from './cli-error.ts'
import type { Arguments } from './parse-arguments.ts'
import { askOrRequire } from './secrets-from-stdin.ts'
import { showOutput } from './show-output.ts'
import type { Terminal } from './terminal.ts'

/** Puts new backup codes in force. The code that is typed back stays good, so it never stands on the command line. */
export const runBackupCodeConfirmation = async (cli: Cli, { values }: Arguments): Promise<number> => {
  const client = await cli.client()
  const code =
    values['codeStdin'] === true
      ? await fromStdin(cli.terminal)
      : await askOrRequire(cli.terminal, { flag: 'code-stdin', question: 'one of the new codes: ', echo: 'hidden' })
  showOutput(
    cli,
    operations['backupCode.confirm'],
    await client.call('backupCode.confirm', { id: String(values['id']), code }),
  )
  return 0
}

async function fromStdin({ readAll }: Terminal): Promise<string> {
  const code = (await readAll()).trim()
  if (code === '' || code.includes('\n')) throw flagError('code-stdin', 'expects one code on standard input')
  return code
}
