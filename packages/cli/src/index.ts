export { allCommands } from './all-commands.ts'
export type { Command } from './command.ts'
export { runCli, type CliSurroundings } from './run-cli.ts'
export { helpOf } from './help.ts'
