import { operations, type Raw } from '@gatehouse/contract'
import type { Cli } from './cli.ts'
import type { Arguments } from './parse-arguments.ts'
import { operationInput } from './run-operation.ts'
import { askOrRequire, secretLines } from './secrets-from-stdin.ts'
import { showOutput } from './show-output.ts'

/** Kinds that nothing is sent to without a secret. */
const withSecret: readonly unknown[] = ['hec', 'webhook']

/** Makes a sink. Its secret is typed or read: on the command line it would stand in every list of processes. */
export const runAuditSinkCreation = async (cli: Cli, args: Arguments): Promise<number> => {
  const operation = operations['auditSink.create']
  const input = await operationInput(operation, cli, args)
  const secret = await secretFor(cli, input['kind'], args.values)
  const client = await cli.client()
  // checked against this operation's own schema just now, but for the secret
  const raw = (secret === null ? input : { ...input, secret }) as Raw<'auditSink.create'>
  showOutput(cli, operation, await client.call('auditSink.create', raw))
  return 0
}

const secretFor = async ({ terminal }: Cli, kind: unknown, values: Arguments['values']): Promise<string | null> => {
  if (values['secretStdin'] === true) return (await secretLines(terminal, 1, 'secret-stdin'))[0] ?? null
  if (!withSecret.includes(kind)) return null
  return askOrRequire(terminal, { flag: 'secret-stdin', question: 'secret: ', echo: 'hidden' })
}
