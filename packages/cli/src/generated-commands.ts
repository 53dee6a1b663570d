import { operations, publicOperationNames, type Operation, type OperationName } from '@gatehouse/contract'
import type { Command } from './command.ts'
import { totpFlag } from './flag.ts'
import { flagsOf } from './operation-flags.ts'
import { wordsOf } from './words.ts'

/** A command for every public operation that asks for none of its own. */
export const generatedCommands = (): readonly Command[] =>
  publicOperationNames.filter((name) => operations[name].command?.hidden !== true).map(commandOf)

/** The command of one operation, derived from its declaration. */
export const commandOf = (name: OperationName): Command => {
  const operation = operations[name]
  const flags = flagsOf(operation)
  const takesCode = flags.some((flag) => flag.name === totpFlag.name) || operation.assurance === 'none'
  return {
    words: wordsOf(name),
    aliases: operation.command?.aliases ?? [],
    summary: operation.summary,
    covers: [],
    flags: takesCode ? flags : [...flags, totpFlag],
    positionals: operation.command?.positional === undefined ? [] : [operation.command.positional],
    rest: null,
    examples: examplesOf(operation),
    assurance: operation.assurance,
    run: async (cli, args) => (await import('./run-operation.ts')).runOperation(name, cli, args),
  }
}

/** Three, of which none prints nothing: of an answer without an id, `--quiet` leaves only the exit code. */
const examplesOf = ({ command, output }: Operation): readonly string[] => {
  const own = command?.examples ?? ['']
  const fields: object = 'shape' in output && typeof output.shape === 'object' ? (output.shape ?? {}) : {}
  const isSilent = command?.quiet === undefined && !('id' in fields) && !('items' in fields)
  const plain = own[0]?.replace(/ ?--json\b.*/, '') ?? ''
  return isSilent && own.length < 3 ? [...new Set([...own, `${plain} --json`.trim(), `${plain} -o wide`.trim()])] : own
}
