import { operations, type OperationName, type Raw, type Wire } from '@gatehouse/contract'
import type { Cli } from './cli.ts'
import { flagsOf } from './operation-flags.ts'
import type { Arguments } from './parse-arguments.ts'
import { certificateIn, secretsFor, type Wanted } from './run-alert-channel-creation.ts'
import { checkInput } from './run-operation.ts'
import { showJson, showOutput } from './show-output.ts'
import { drawDetails } from './table.ts'
import { printable } from './printable.ts'
import { detailText } from './value-text.ts'

type Values = Arguments['values']

/** Those of the fields that were typed. */
const typed = (values: Values, fields: readonly string[]): Record<string, unknown> =>
  Object.fromEntries(fields.flatMap((field) => (values[field] === undefined ? [] : [[field, values[field]]])))

/** Checks and calls, and shows what came of it. */
async function called<N extends OperationName>(cli: Cli, name: N, input: Record<string, unknown>): Promise<number> {
  const operation = operations[name]
  checkInput(operation, flagsOf(operation), input)
  const client = await cli.client()
  showOutput(cli, operation, await client.call(name, input as Raw<N>)) // checked just now
  return 0
}

/** What a backend of a kind is reached with, and what a role of it says. */
interface KindFields {
  readonly flags: readonly string[]
  readonly secrets: readonly Wanted[]
  readonly role: readonly string[]
}

/** By the flags of the commands, which have the fields' own names. */
const kinds: Readonly<Record<Wire<'secretRole.get'>['kind'], KindFields>> = {
  postgres: {
    flags: [],
    secrets: [{ field: 'url', question: 'the URL, with its password (postgresql://user:password@host/database): ' }],
    role: ['grants', 'connectionsMax'],
  },
  vault: { flags: ['address', 'mount'], secrets: [{ field: 'token', question: 'the token: ' }], role: ['path'] },
}

/** Secrets are typed or read: on the command line they would stand in every list of processes. */
export const runBackendConfiguration = async (cli: Cli, { values }: Arguments): Promise<number> => {
  const kind = String(values['kind'] ?? 'postgres') as keyof typeof kinds // one of the flag's choices
  const { flags, secrets } = kinds[kind]
  const secretStdin = values['urlStdin'] === true || values['secretStdin'] === true
  const asked = await secretsFor(cli, secrets, { ...values, secretStdin })
  const authority =
    values['authority'] === undefined ? {} : { authority: await certificateIn(cli, String(values['authority'])) }
  return called(cli, 'secretBackend.configure', {
    ...typed(values, ['name', 'moved']),
    [kind]: { ...typed(values, flags), ...asked, ...authority },
  })
}

/** What of a role is a kind's, under its own name; none where nothing of it was typed. */
const formsIn = (values: Values): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(kinds).flatMap(([kind, { role }]) => {
      const form = typed(values, role)
      return Object.keys(form).length === 0 ? [] : [[kind, form]]
    }),
  )

const roleFields = ['ttlSecondsMax', 'leasesMax', 'leasesEachMax'] as const

export const runRoleCreation = (cli: Cli, { values }: Arguments): Promise<number> =>
  called(cli, 'secretRole.create', {
    ...typed(values, ['name', 'backend', 'workspace', ...roleFields]),
    ...formsIn(values),
  })

export const runRoleUpdate = (cli: Cli, { values }: Arguments): Promise<number> =>
  called(cli, 'secretRole.update', { id: values['role'], ...typed(values, roleFields), ...formsIn(values) })

/** The input of `lease.issue`, checked as the server will check it. */
export function leaseInput(values: Values, purpose: string | null): Raw<'lease.issue'> {
  const operation = operations['lease.issue']
  const input = {
    ...(purpose === null ? {} : { purpose }),
    ...typed(values, ['role', 'workspace', 'purpose', 'ttlSeconds']),
  }
  checkInput(operation, flagsOf(operation), input)
  return input as Raw<'lease.issue'> // checked just now
}

/** Shows the credential once: all of it for people, what a program needs of it alone with `--quiet`. */
export const runLeaseIssue = async (cli: Cli, { values }: Arguments): Promise<number> => {
  const input = leaseInput(values, null)
  const client = await cli.client()
  const issued = await client.call('lease.issue', input)
  if (cli.options.form === 'json') showJson(cli, issued)
  else if (cli.options.quiet) cli.terminal.out(`${printable(inOneLine(issued.material))}\n`)
  else showIssued(cli, issued)
  return 0
}

const inOneLine = ({ url, fields }: Wire<'lease.issue'>['material']): string =>
  url ?? JSON.stringify(Object.fromEntries(fields.map(({ name, value }) => [name, value])))

function showIssued(cli: Cli, { lease, material }: Wire<'lease.issue'>): void {
  const { terminal } = cli
  const { username, password, url, host, port, database } = material
  const named = Object.entries({ username, password, url, host, port, database })
  const others = material.fields.filter(({ name }) => !named.some(([known]) => known === name))
  const own = [...named, ...others.map(({ name, value }) => [printable(name), value] as const)].filter(
    ([, value]) => value !== null,
  )
  terminal.out(
    drawDetails(
      [
        ...own.map(([name, value]): readonly [string, string] => [name, printable(String(value))]),
        ['expires', detailText(lease.expiresAt, 'instant', cli.now())],
        ['lease', printable(lease.id)],
      ],
      terminal,
    ),
  )
  terminal.talk('this secret is shown once; keep it now\n')
}
