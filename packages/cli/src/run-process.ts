import { now } from './clock.ts'
import { readConfig } from './config.ts'
import { processTerminal } from './process-terminal.ts'
import { runCli } from './run-cli.ts'

/** Runs this process's own command line. */
export const runProcess = async (process: NodeJS.Process): Promise<number> => {
  const config = readConfig(process.env, process.cwd())
  return runCli({ words: process.argv.slice(2), config, terminal: processTerminal(process, config), now })
}
