import { resolve } from 'node:path'
import { operations, type Raw, type Wire } from '@gatehouse/contract'
import type { Cli } from './cli.ts'
import { flagError } from './cli-error.ts'
import type { Client } from './client.ts'
import { textOf, type Arguments } from './parse-arguments.ts'
import { progressLine, type ProgressLine } from './progress-line.ts'
import { operationInput } from './run-operation.ts'
import { policyFilesIn } from './run-policy-publish.ts'
import { showOutput } from './show-output.ts'
import { withNames } from './known-names.ts'

/** Tries a policy directory, or given files, on the decisions of a period. A long one says how far it has come. */
export const runPolicySimulation = async (cli: Cli, args: Arguments): Promise<number> => {
  const operation = operations['policy.simulate']
  const { directory: _directory, ...values } = args.values
  const directory = textOf(args.values, 'directory')
  if ((directory === null) === (values['files'] === undefined))
    throw flagError('directory', 'name a policy directory, or give --files')
  const given =
    directory === null
      ? values
      : { ...values, files: JSON.stringify(await policyFilesIn(resolve(cli.config.cwd, directory), directory)) }
  const input = await operationInput(operation, cli, { ...args, values: given })
  const client = await cli.client()
  // checked against this operation's own schema just now
  const output = await simulated(client, input as Raw<'policy.simulate'>, progressLine(cli))
  showOutput(cli, operation, await withNames(cli, output))
  return 0
}

async function simulated(
  client: Client,
  input: Raw<'policy.simulate'>,
  line: ProgressLine | null,
): Promise<Wire<'policy.simulate'>> {
  if (line === null) return client.call('policy.simulate', input)
  const answered = new AbortController()
  const watching = watch(client, line, answered.signal)
  try {
    return await client.call('policy.simulate', input)
  } finally {
    answered.abort()
    await watching
    line.end()
  }
}

/** What is only told beside never fails the command. */
async function watch(client: Client, { say }: ProgressLine, signal: AbortSignal): Promise<void> {
  try {
    for await (const { decisions, percent } of client.subscribe('policy.simulationWatch', {}, signal))
      if (!signal.aborted) say(`${percent} % · ${decisions} decisions`)
  } catch {
    // another node answers, the server is older, or the answer came first: there is a spinner
  }
}
