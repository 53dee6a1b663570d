import type { Command } from './command.ts'
import { generatedCommands } from './generated-commands.ts'
import { handWrittenCommands } from './hand-written-commands.ts'
import { commandText } from './command.ts'

/** Every command, sorted by its words; one written by hand takes the place of the generated one. */
export const allCommands = (): readonly Command[] => {
  const written = new Set(handWrittenCommands.map(commandText))
  const generated = generatedCommands().filter((candidate) => !written.has(commandText(candidate)))
  return [...generated, ...handWrittenCommands].toSorted((a, b) => commandText(a).localeCompare(commandText(b), 'en'))
}
