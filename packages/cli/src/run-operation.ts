import {
  checkInput as checkInputBy,
  isOperationName,
  operations,
  type Operation,
  type OperationName,
} from '@gatehouse/contract'
import type { Cli } from './cli.ts'
import { flagError, usageError } from './cli-error.ts'
import { consented } from './consent.ts'
import type { Flag } from './flag.ts'
import { flagsOf } from './operation-flags.ts'
import { readDocuments } from './json-documents.ts'
import { isNothing, sayUnknownAction } from './nearest-action.ts'
import { withNames } from './known-names.ts'
import { sayNextStep } from './next-step.ts'
import { requireFlags, type Arguments, type FlagValue } from './parse-arguments.ts'
import { isShortId, withoutEllipsis } from './short-id.ts'
import { showOutput } from './show-output.ts'
import { watchOperation } from './watch-operation.ts'
import { asIfLookedUp, withWholeIds } from './whole-ids.ts'

/** Runs a generated command: values → checked input → call → output. */
export const runOperation = async (name: OperationName, cli: Cli, args: Arguments): Promise<number> => {
  const operation = operations[name]
  const input = await consented(operation, cli, await operationInput(operation, cli, args))
  if (operation.kind === 'subscription') return watchOperation(operation, cli, input)
  const client = await cli.client()
  // checked against this operation's own schema just now; the name is not known to the compiler here
  const output: unknown = await client.call(name, input as never)
  showOutput(cli, operation, await withNames(cli, output))
  sayNextStep(cli, name, output)
  if (isNothing(output)) sayUnknownAction(cli, name, input)
  return hasSucceeded(operation, output) ? 0 : 1
}

/** What tries something answers also when it failed: a script sees it by the exit code. */
const hasSucceeded = ({ command }: Operation, output: unknown): boolean =>
  command?.succeeds === undefined || (output as RawInput)[command.succeeds] === true // a field of its own output

type RawInput = Readonly<Record<string, unknown>>
type Typed = Readonly<Record<string, FlagValue>>

/** The input as it will be sent: what was typed, checked by the operation's own schema before anything leaves. */
export const operationInput = async (operation: Operation, cli: Cli, { values }: Arguments): Promise<RawInput> => {
  const flags = flagsOf(operation)
  // what is left out here are the flags of everywhere: they are about the answer, not about the call
  const own = Object.fromEntries(Object.entries(values).filter(([field]) => flags.some((flag) => flag.field === field)))
  const typed = await withPrompts(flags, cli, { ...defaultsBeside(operation, own), ...own })
  requireFlags(typed, flags)
  const input = withoutEllipses(await withDocuments(flags, cli, typed))
  checkInput(operation, flags, asIfLookedUp(operation, input))
  return withWholeIds(operation, cli, input)
}

/** What holds where nothing else is asked for: who names a read as the action asks for reads. */
const defaultsBeside = ({ command }: Operation, { action }: Typed): Typed => {
  const isOfReads = typeof action === 'string' && isOperationName(action) && operations[action].kind !== 'mutation'
  return isOfReads ? {} : (command?.defaults ?? {})
}

/** Ids as they were copied from a table. */
const withoutEllipses = (input: RawInput): RawInput =>
  Object.fromEntries(
    Object.entries(input).map(([field, value]) => [
      field,
      typeof value === 'string' && isShortId(withoutEllipsis(value)) ? withoutEllipsis(value) : value,
    ]),
  )

/** Asks for required secrets that were not given; only `--totp` may bring one. */
const withPrompts = async (flags: readonly Flag[], { terminal }: Cli, values: Typed): Promise<Typed> => {
  const missing = flags.filter(
    ({ kind, required, field }) => kind === 'secret' && required && values[field] === undefined,
  )
  const asked: Record<string, FlagValue> = {}
  for (const { field, name, help } of missing) {
    if (!terminal.interactive) throw flagError(name, 'is missing, and there is no terminal to ask on')
    asked[field] = await terminal.ask(`${help || name}: `, 'hidden')
  }
  return { ...values, ...asked }
}

/** Reads what was typed as JSON, or named as a file of it. */
const withDocuments = async (flags: readonly Flag[], { config }: Cli, values: Typed): Promise<RawInput> => {
  const read: Record<string, unknown> = { ...values }
  for (const { kind, field, name } of flags)
    if (kind === 'json' && values[field] !== undefined)
      read[field] = await readDocuments(name, values[field], config.cwd)
  return read
}

/** Checks an input by the operation's own schema; what is wrong is named by its flag. */
export const checkInput = (operation: Operation, flags: readonly Flag[], input: RawInput): void => {
  const checked = checkInputBy(operation.input, input)
  if ('data' in checked) return
  // inside a document the place is named, too: `role-limits.0.role`
  const fields = checked.problems.map(({ path, message }) => {
    const [first = '', ...rest] = path.split('.')
    return { path: [flags.find(({ field }) => field === first)?.name ?? first, ...rest].join('.'), message }
  })
  const [first] = fields
  throw usageError(first === undefined ? 'the input is not valid' : `--${first.path}: ${first.message}`, { fields })
}
