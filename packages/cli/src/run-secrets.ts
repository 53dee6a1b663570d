import { operations, type OperationName, type Raw, type Wire } from '@gatehouse/contract'
import type { Cli } from './cli.ts'
import { usageError } from './cli-error.ts'
import type { Client } from './client.ts'
import { flagsOf } from './operation-flags.ts'
import type { Arguments } from './parse-arguments.ts'
import { certificateIn, secretsFor } from './run-alert-channel-creation.ts'
import { formsIn, secretKinds, typed } from './secret-kinds.ts'
import { checkInput } from './run-operation.ts'
import { showCredential } from './show-credential.ts'
import { showOutput } from './show-output.ts'
import { drawDetails } from './table.ts'
import { printable } from './printable.ts'
import { detailText } from './value-text.ts'

type Values = Arguments['values']

/** Checks and calls, and shows what came of it. */
async function called<N extends OperationName>(cli: Cli, name: N, input: Record<string, unknown>): Promise<number> {
  const operation = operations[name]
  checkInput(operation, flagsOf(operation), input)
  const client = await cli.client()
  showOutput(cli, operation, await client.call(name, input as Raw<N>)) // checked just now
  return 0
}

/** Secrets are typed or read: on the command line they would stand in every list of processes. */
export const runBackendConfiguration = async (cli: Cli, { values }: Arguments): Promise<number> => {
  const kind = String(values['kind'] ?? 'postgres') as keyof typeof secretKinds // one of the flag's choices
  const { flags, secrets } = secretKinds[kind]
  const secretStdin = values['urlStdin'] === true || values['secretStdin'] === true
  const asked = await secretsFor(cli, secrets(values), { ...values, secretStdin })
  const authority =
    values['authority'] === undefined ? {} : { authority: await certificateIn(cli, String(values['authority'])) }
  return called(cli, 'secretBackend.configure', {
    ...typed(values, ['name', 'moved']),
    [kind]: { ...typed(values, flags), ...asked, ...authority },
  })
}

const roleFields = ['ttlSecondsMax', 'leasesMax', 'leasesEachMax'] as const

export const runRoleCreation = async (cli: Cli, { values }: Arguments): Promise<number> =>
  called(cli, 'secretRole.create', {
    ...typed(values, ['name', 'backend', 'workspace', ...roleFields]),
    ...(await formsIn(cli, values)),
  })

export const runRoleUpdate = async (cli: Cli, { values }: Arguments): Promise<number> =>
  called(cli, 'secretRole.update', {
    id: values['role'],
    ...typed(values, roleFields),
    ...(await formsIn(cli, values)),
  })

/** The input of `lease.issue`, checked as the server will check it. */
export function leaseInput(values: Values, purpose: string | null): Raw<'lease.issue'> {
  const operation = operations['lease.issue']
  const input = {
    ...(purpose === null ? {} : { purpose }),
    ...typed(values, ['role', 'workspace', 'purpose', 'ttlSeconds', 'wrapSeconds']),
  }
  checkInput(operation, flagsOf(operation), input)
  return input as Raw<'lease.issue'> // checked just now
}

/** Shows the credential once, or what opens it: all of it for people, what a program needs alone with `--quiet`. */
export const runLeaseIssue = async (cli: Cli, { values }: Arguments): Promise<number> => {
  const input = leaseInput(values, null)
  if (values['format'] !== undefined && input.wrapSeconds !== undefined)
    throw usageError('--format shows the credential, and --wrap keeps it for who opens it: leave one of them out')
  const client = await cli.client()
  const issued = await client.call('lease.issue', input)
  if (values['format'] !== undefined) await showForProcess(cli, client, issued)
  else if (issued.wrap !== null && cli.options.form !== 'json') showWrap(cli, { ...issued, wrap: issued.wrap })
  else showCredential(cli, issued)
  return 0
}

/** The token goes to whom the credential is for; who only hands it on never sees what it opens. */
function showWrap(
  { terminal, options, now }: Cli,
  { lease, wrap }: Wire<'lease.issue'> & { readonly wrap: NonNullable<Wire<'lease.issue'>['wrap']> },
): void {
  if (options.quiet) return terminal.out(`${printable(wrap.token)}\n`)
  terminal.out(
    drawDetails(
      [
        ['token', printable(wrap.token)],
        ['opens until', detailText(wrap.expiresAt, 'instant', now())],
        ['lease', printable(lease.id)],
      ],
      terminal,
    ),
  )
  terminal.talk('it opens the credential once, by `gatehouse lease unwrap`; if nobody opens it, the lease ends then\n')
}

/** What `credential_process` in a configuration of AWS reads. What it cannot read is not left alive. */
async function showForProcess(cli: Cli, client: Client, { lease, material }: Wire<'lease.issue'>): Promise<void> {
  if (material.kind !== 'aws') {
    await client.call('lease.revoke', { id: lease.id, reason: 'it was asked for in the form of another kind' })
    throw usageError(`the role gives a credential of kind ${material.kind}, not of AWS`)
  }
  const document = {
    Version: 1,
    AccessKeyId: material.accessKeyId,
    SecretAccessKey: material.secretAccessKey,
    SessionToken: material.sessionToken,
    Expiration: lease.expiresAt,
  }
  cli.terminal.out(`${JSON.stringify(document)}\n`)
}
