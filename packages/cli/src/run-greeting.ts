import type { Wire } from '@gatehouse/contract'
import type { Cli } from './cli.ts'
import type { CliError } from './cli-error.ts'
import type { Server } from './find-server.ts'
import { printable } from './printable.ts'
import { assuranceText, nextSteps, remaining, tokenText } from './run-login.ts'
import { showJson } from './show-output.ts'
import { loggedOutLines, whoOrRefusal, type TokenFacts } from './token-facts.ts'

/** `gatehouse` alone: who you are, where, how strongly proved and until when, and what to do next. */
export const runGreeting = async (cli: Cli): Promise<number> => {
  const client = await cli.client()
  const { url, label } = client.server
  const found = await whoOrRefusal(client)
  if ('refusal' in found) {
    if (cli.options.form === 'json') throw found.refusal
    cli.terminal.out(strangersGreeting(found.refusal, client.server))
    return found.refusal.exitCode
  }
  const at = { url, label, now: cli.now() }
  if (cli.options.form === 'json') showJson(cli, 'who' in found ? found.who : found.facts)
  else
    cli.terminal.out(
      'who' in found ? greetingOf({ who: found.who, ...at }) : greetingOfToken({ facts: found.facts, ...at }),
    )
  return 0
}

const strangersGreeting = (refusal: CliError, { url, label }: Server): string =>
  [
    `not logged in to ${url} (${label})`,
    ...loggedOutLines(refusal),
    '',
    ...commands([
      ['gatehouse auth login', 'log in'],
      ['gatehouse system version', 'see that it answers'],
      ['gatehouse --help', 'all commands'],
    ]),
  ].join('\n')

const greetingOf = ({
  who,
  url,
  label,
  now,
}: {
  who: Wire<'auth.whoami'>
  url: string
  label: string
  now: Date
}): string => {
  const until = remaining(who.sessionExpiresAt, now)
  const teams = who.teams.length === 0 ? '' : ` · teams ${who.teams.join(', ')}`
  return [
    printable([who.username, ...(who.roles.length === 0 ? [] : [who.roles.join(', ')])].join(' · ') + teams),
    `at ${url} (${label})`,
    who.sessionId === null
      ? `proved by an API token${until === '' ? '' : ` · good for ${until}`}`
      : `proved by ${assuranceText(who)}${until === '' ? '' : ` · session ends in ${until}`}`,
    '',
    ...(who.missing.length > 0 ? [...nextSteps(who), ''] : commands(nextCommands(who))),
  ].join('\n')
}

/** A token that may not ask who it is greets by what it says of itself. */
const greetingOfToken = ({
  facts,
  url,
  label,
  now,
}: {
  facts: TokenFacts
  url: string
  label: string
  now: Date
}): string =>
  [
    `${printable(facts.username)} · ${tokenText(facts, now)}`,
    `at ${url} (${label})`,
    '',
    ...commands([
      ['gatehouse auth verify', 'what this token is worth now'],
      ['gatehouse auth status', 'where it comes from'],
      ['gatehouse --help', 'all commands'],
    ]),
  ].join('\n')

/** The three that this person most likely wants. */
const nextCommands = (who: Wire<'auth.whoami'>): readonly (readonly [string, string])[] => {
  if (who.assurance === 'pw')
    return [
      ['gatehouse auth step-up', 'prove your second factor'],
      ['gatehouse ssh-host list', 'hosts'],
      ['gatehouse --help', 'all commands'],
    ]
  if (who.roles.includes('Admin'))
    return [
      ['gatehouse approval list --state pending', 'approvals that wait'],
      ['gatehouse user list', 'people'],
      ['gatehouse system dashboard', 'security at a glance'],
    ]
  if (who.roles.includes('Auditor'))
    return [
      ['gatehouse audit search --from 1d', 'what happened since yesterday'],
      ['gatehouse audit verify', 'verify the audit log'],
      ['gatehouse --help', 'all commands'],
    ]
  if (who.roles.includes('Viewer'))
    return [
      ['gatehouse lease list', 'active credentials'],
      ['gatehouse ssh-host list', 'hosts'],
      ['gatehouse --help', 'all commands'],
    ]
  if (who.roles.includes('Operator'))
    return [
      ['gatehouse approval list --state pending', 'approvals that wait'],
      ['gatehouse ssh connect HOST', 'get onto a host'],
      ['gatehouse lease list --state active', 'active credentials'],
    ]
  return [
    ['gatehouse ssh-host list', 'hosts'],
    ['gatehouse ssh connect HOST', 'get onto one'],
    ['gatehouse lease list --state active', 'active credentials'],
  ]
}

const commands = (pairs: readonly (readonly [string, string])[]): readonly string[] => {
  const chars = Math.max(...pairs.map(([text]) => text.length))
  return [...pairs.map(([text, what]) => `  ${text.padEnd(chars)}  ${what}`), '']
}
