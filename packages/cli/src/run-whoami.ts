import { operations } from '@gatehouse/contract'
import type { Cli } from './cli.ts'
import { exactTime } from '@gatehouse/kit'
import { printable } from './printable.ts'
import { showJson, showOutput } from './show-output.ts'
import { drawDetails } from './table.ts'
import { whoOrFacts, type TokenFacts } from './token-facts.ts'

/** Says who calls; of a token whose scopes do not reach so far, what it says of itself. */
export const runWhoami = async (cli: Cli): Promise<number> => {
  const found = await whoOrFacts(await cli.client())
  if ('who' in found) showOutput(cli, operations['auth.whoami'], found.who)
  else showFacts(cli, found.facts)
  return 0
}

const showFacts = (cli: Cli, facts: TokenFacts): void => {
  const { terminal, options } = cli
  if (options.form === 'json') return showJson(cli, facts)
  if (options.quiet) return terminal.out(`${printable(facts.username)}\n`)
  const { username, scopes, expiresAt } = facts
  const lines = [
    ['username', printable(username)],
    ['scopes', printable(scopes.join(', ')) || '–'],
    ['expires at', expiresAt === null ? '–' : exactTime(new Date(expiresAt))],
  ] as const
  terminal.out(drawDetails(lines, terminal))
  terminal.talk('the scopes of this token do not include auth.whoami: this is what the token says of itself\n')
}
