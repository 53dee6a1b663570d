import { operations, type Raw, type Wire } from '@gatehouse/contract'
import { durationText } from '@gatehouse/kit'
import type { Cli } from './cli.ts'
import { exitCodeOf } from './cli-error.ts'
import type { Arguments } from './parse-arguments.ts'
import { printable, printableJson } from './printable.ts'
import { operationInput } from './run-operation.ts'
import { showOutput } from './show-output.ts'
import { watchStream } from './watch-operation.ts'

type Request = Wire<'breakGlass.watch'>

/** Asks for emergency access; with `--wait` it says who votes and what is missing, until it is decided. */
export const runEmergencyRequest = async (cli: Cli, args: Arguments): Promise<number> => {
  const operation = operations['breakGlass.request']
  // checked against this operation's own schema
  const input = (await operationInput(operation, cli, args)) as Raw<'breakGlass.request'>
  const request = await (await cli.client()).call('breakGlass.request', input)
  if (args.values['wait'] !== true) {
    showOutput(cli, operation, request)
    cli.terminal.talk(`${tellOthers(request)}\n`)
    return 0
  }
  if (cli.options.form !== 'json') showOutput(cli, operation, request)
  cli.terminal.talk(`${tellOthers(request)}\n`)
  return waitFor(cli, request.id)
}

/** The next step, which is other people's: a request that nobody reads runs out. */
const tellOthers = ({ id }: { readonly id: string }): string =>
  `tell two people of two teams to read it: gatehouse break-glass get ${printable(id)}`

/** Follows a request until it is decided. */
export const runEmergencyWatch = async (cli: Cli, args: Arguments): Promise<number> => {
  // checked against this operation's own schema
  const { id } = (await operationInput(operations['breakGlass.watch'], cli, args)) as Raw<'breakGlass.watch'>
  return waitFor(cli, id)
}

/** As the refusals have them: 0 approved, 3 denied, 6 too late or taken back, 7 it still waits. */
const exitCodes: Readonly<Record<Request['state'], number>> = {
  pending: exitCodeOf('approval-pending'),
  approved: 0,
  active: 0,
  denied: exitCodeOf('forbidden'),
  cancelled: exitCodeOf('conflict'),
  lapsed: exitCodeOf('conflict'),
  ended: exitCodeOf('conflict'),
}

async function waitFor(cli: Cli, id: string): Promise<number> {
  let known: Request | null = null
  const enough = new AbortController()
  await watchStream({
    operation: operations['breakGlass.watch'],
    cli,
    inputNow: () => ({ id }),
    enough: enough.signal,
    show: (item) => {
      const request = item as Request // the client answers by the contract
      show(cli, { request, before: known })
      known = request
      if (request.state !== 'pending') enough.abort()
    },
  })
  const state = (known as Request | null)?.state ?? 'pending' // set in a closure, which narrowing does not see
  if (state === 'pending')
    cli.terminal.talk(`the request stays open; follow it again with: gatehouse break-glass watch ${printable(id)}\n`)
  return exitCodes[state]
}

function show(
  { options, terminal }: Cli,
  { request, before }: { readonly request: Request; readonly before: Request | null },
): void {
  if (options.form === 'json') return terminal.out(`${printableJson(request, 'one-line')}\n`)
  for (const line of [...votesSince(request, before), standing(request)]) terminal.talk(`${printable(line)}\n`)
}

/** What has been said since the last look, or that it does not count any more. */
function votesSince({ approvals, denials }: Request, before: Request | null): string[] {
  const was = new Map(before?.approvals.map(({ principalId, uncounted }) => [principalId, uncounted]))
  const said = new Set(before?.denials.map(({ principalId }) => principalId))
  return [
    ...approvals.filter(({ principalId, uncounted }) => was.get(principalId) !== uncounted).map(approvalWords),
    ...denials
      .filter(({ principalId }) => !said.has(principalId))
      .map(({ principal, team, reason }) => `${principal} denied it for team ${team}: ${reason}`),
  ]
}

const methodWords = { webauthn: 'with a key', totp: 'by a code, which is weaker' } as const

function approvalWords({ principal, team, method, uncounted }: Request['approvals'][number]): string {
  if (uncounted !== null) return `the approval of ${principal} does not count: their account ${uncounted}`
  const whose = team === null ? '' : `, for team ${team}`
  return `${principal} approved it ${methodWords[method]}${whose}`
}

/** Where it stands, and what to type next. */
function standing(request: Request): string {
  const { id, state, missing, secondsLeft, closedReason, session, drill, drillScore } = request
  const left = secondsLeft === null ? '' : ` · ${durationText(secondsLeft)} left`
  const because = closedReason === null ? '' : `: ${closedReason}`
  const words: Readonly<Record<Request['state'], string>> = {
    pending: `${missingWords(missing)}${left}`,
    approved: `approved${left} · gatehouse break-glass ${drill ? 'drill-finish' : 'activate'} ${id}`,
    active: `active: emergency session ${session ?? ''}`,
    denied: 'denied by two teams',
    cancelled: `taken back${because}`,
    lapsed: 'its time is over; ask again',
    ended: drill ? `it is over, with a score of ${drillScore ?? 0}` : 'its emergency session has ended',
  }
  return drill ? `drill, no emergency: ${words[state]}` : words[state]
}

function missingWords(missing: number | null): string {
  if (missing === null) return 'waits; too few people can approve it (gatehouse break-glass rule-get)'
  return missing === 1 ? 'waits for 1 more person' : `waits for ${missing} more people`
}
