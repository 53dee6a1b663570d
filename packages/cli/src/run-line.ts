import { now } from './clock.ts'
import { readConfig } from './config.ts'
import { processTerminal } from './process-terminal.ts'
import { runCli } from './run-cli.ts'

/**
 * Runs this process's own command line. What is still waiting at its end (a call given up) is let go, so that the
 * process ends by itself: leaving it by force would cut off what a pipe has not taken yet.
 */
export const runLine = async (process: NodeJS.Process): Promise<number> => {
  const config = readConfig(process.env, process.cwd())
  const terminal = processTerminal(process, config)
  const over = new AbortController()
  try {
    return await runCli({ words: process.argv.slice(2), config, terminal, now, over: over.signal })
  } finally {
    over.abort()
  }
}
