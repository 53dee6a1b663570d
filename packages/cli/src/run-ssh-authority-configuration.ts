import { operations, type Raw } from '@gatehouse/contract'
import type { Cli } from './cli.ts'
import { flag } from './flag.ts'
import { flagsOf } from './operation-flags.ts'
import { requireFlags, textOf, type Arguments } from './parse-arguments.ts'
import { certificateIn } from './run-alert-channel-creation.ts'
import { checkInput } from './run-operation.ts'
import { askOrRequire, secretLines } from './secrets-from-stdin.ts'
import { showOutput } from './show-output.ts'

/** Lets the SSH CA of a Vault sign for hosts. Its token is never an argument: all programs see those. */
export const runSshAuthorityConfiguration = async (cli: Cli, { values }: Arguments): Promise<number> => {
  requireFlags(
    values,
    ['name', 'address', 'role'].map((name) => flag(name, '', { required: true })),
  )
  const operation = operations['sshAuthority.configure']
  const { name, address, mount, role } = values
  const path = textOf(values, 'certificate')
  const known = {
    name,
    address,
    role,
    ...(mount === undefined ? {} : { mount }),
    ...(path === null ? {} : { certificate: await certificateIn(cli, path) }),
  }
  // what is wrong with the rest is said before a secret is asked for
  checkInput(operation, flagsOf(operation), { ...known, token: 'x' })
  const input = { ...known, token: await tokenFor(cli, values) } as Raw<'sshAuthority.configure'>
  showOutput(cli, operation, await (await cli.client()).call('sshAuthority.configure', input))
  return 0
}

const tokenFor = async ({ terminal }: Cli, values: Arguments['values']): Promise<string> =>
  values['tokenStdin'] === true
    ? ((await secretLines(terminal, 1, 'token-stdin'))[0] ?? '')
    : askOrRequire(terminal, { flag: 'token-stdin', question: 'token of the Vault: ', echo: 'hidden' })
