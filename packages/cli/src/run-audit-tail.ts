import { operations, type Operation, type Wire } from '@gatehouse/contract'
import type { Cli } from './cli.ts'
import type { Arguments } from './parse-arguments.ts'
import { sayUnknownAction } from './nearest-action.ts'
import { operationInput } from './run-operation.ts'
import { showIdsOf } from './show-output.ts'
import { itemPrinter, watchStream } from './watch-operation.ts'

/** Prints entries as they come; a connection that broke is taken up behind the last entry that was printed. */
export const runAuditTail = async (cli: Cli, args: Arguments): Promise<number> => {
  const operation = operations['audit.tail']
  const input = await operationInput(operation, cli, args)
  sayUnknownAction(cli, 'audit.tail', input)
  let after: unknown = input['after']
  const print = cli.options.quiet ? (entry: unknown) => showIdsOf(cli, [entry]) : itemPrinter(cli, asOneEntry)
  return watchStream({
    operation,
    cli,
    inputNow: () => ({ ...input, after }),
    show: (item) => {
      const { entries, cursor } = item as Wire<'audit.tail'> // the client answers by the contract
      for (const entry of entries) print(entry)
      after = cursor
    },
  })
}

/** A row of the tail is a row of the search. */
const { command = {} }: Operation = operations['audit.search']
const asOneEntry: Operation = { ...operations['audit.get'], command }
