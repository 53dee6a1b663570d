import { operationNames, operations, type OperationName } from '@gatehouse/contract'
import type { Decider } from '@gatehouse/enforcement'
import { outcomeOf, type Outcome } from './outcome.ts'
import type { Grant } from './grant.ts'
import { isInWorkspace } from './access/samples.ts'
import { platformMatrix } from './platform-matrix.ts'
import { callers, ownerships, type CallerName, type Ownership, type Situation } from './situation.ts'

const noon = new Date('2026-11-25T12:00:00Z') // a Wednesday: inside business hours
const night = new Date('2026-11-25T23:00:00Z')

/** What is decided within a workspace, which has a tier. */
const hasTier = (name: OperationName): boolean => isInWorkspace(operations[name].authorize.resource)

interface Setting {
  readonly tier: Situation['tier']
  readonly at: Date
}

const openHours: Setting = { tier: 'development', at: noon }
const denied = '–'
const notAsked = ' '

/**
 * Who may do what, found by asking the policies themselves: every operation by every caller, on what is whose, proved
 * or not.
 */
export function policyMatrix(decider: Decider): string {
  const development = table(decider, operationNames, openHours)
  const placed = operationNames.filter(hasTier)
  const differing = (setting: Setting): OperationName[] =>
    placed.filter((name) => rowOf(decider, name, setting).join() !== rowOf(decider, name, openHours).join())
  const section = (setting: Setting): string => table(decider, differing(setting), setting)
  return [
    '<!-- Generated from policies/ by `npm run generate`: each cell was evaluated. Do not edit. -->',
    '# Who may do what',
    '',
    'Callers have two factors in their session and are members of one team. A wider word includes the narrower ones.',
    '',
    '| cell | meaning |',
    '|---|---|',
    '| `yes` | allowed |',
    "| `own` | on what is the caller's own: account, team, credentials, entries; of a list, their own rows |",
    "| `team` | on what belongs to others in the workspaces of the caller's team |",

    '| `all` | on everything |',
    '| `*` | only with a second factor proved in the last minutes |',
    '| `–` | denied |',
    '| ` ` | not asked: the operation is not for such a caller |',
    '',
    '## Tier development',
    '',
    development,
    '',
    '## Tier staging, where it differs',
    '',
    section({ tier: 'staging', at: noon }),
    '',
    '## Tier production, where it differs',
    '',
    section({ tier: 'production', at: noon }),
    '',
    '## Tier production outside business hours, where it differs from development',
    '',
    section({ tier: 'production', at: night }),
    '',
    platformMatrix(decider),
  ].join('\n')
}

/** What one kind of caller may do, in the words of the matrix. */
export interface Permission {
  readonly caller: string
  readonly may: string
}

/** Who may call an operation at all, in a development workspace; whoever may not is left out. */
export const permissionsOf = (decider: Decider, name: OperationName): readonly Permission[] =>
  callers
    .map((caller) => ({ caller: heads[caller], may: cellOf(decider, { caller, call: name, setting: openHours }) }))
    .filter(({ may }) => may !== denied && may !== notAsked)

const heads: Readonly<Record<CallerName, string>> = {
  Anonymous: 'stranger',
  Admin: 'Admin',
  Developer: 'Developer',
  Operator: 'Operator',
  Viewer: 'Viewer',
  Auditor: 'Auditor',
  worker: 'worker',
  service: 'other service',
}

/** What each kind of caller may do, by tier; of what stands in no workspace once. */
export const operationGrants = (decider: Decider): readonly Grant[] =>
  tiersByDay.flatMap((setting) =>
    operationNames
      .filter((name) => setting === openHours || hasTier(name))
      .flatMap((call) =>
        callers.flatMap((caller) => {
          const may = cellOf(decider, { caller, call, setting })
          return may === notAsked ? [] : [{ who: heads[caller], what: call, where: setting.tier, may }]
        }),
      ),
  )

const tiersByDay: readonly Setting[] = [openHours, { tier: 'staging', at: noon }, { tier: 'production', at: noon }]

function table(decider: Decider, names: readonly OperationName[], setting: Setting): string {
  if (names.length === 0) return 'Nothing.'
  return [
    `| operation | floor | ${callers.map((caller) => heads[caller]).join(' | ')} |`,
    `|---|---|${callers.map(() => '---|').join('')}`,
    ...names.map(
      (name) => `| ${name} | ${operations[name].assurance} | ${rowOf(decider, name, setting).join(' | ')} |`,
    ),
  ].join('\n')
}

const rowOf = (decider: Decider, call: OperationName, setting: Setting): string[] =>
  callers.map((caller) => cellOf(decider, { caller, call, setting }))

const typeOf = (caller: CallerName): 'Anonymous' | 'Service' | 'User' => {
  if (caller === 'Anonymous') return 'Anonymous'
  return caller === 'worker' || caller === 'service' ? 'Service' : 'User'
}

function cellOf(
  decider: Decider,
  { caller, call, setting }: { caller: CallerName; call: OperationName; setting: Setting },
): string {
  const { authorize, internal } = operations[call]
  const type = typeOf(caller)
  if (!authorize.principals.includes(type) || (internal === true && type === 'User')) return notAsked
  const at = (whose: Ownership, ownOnly = false): Outcome =>
    outcomeOf(decider, {
      caller,
      call,
      whose,
      ownOnly,
      ...setting,
      assurance: type === 'Anonymous' ? 'none' : 'mfa',
      enrolled: true,
    }).outcome
  if (authorize.resource === 'System') return marked('yes', at('own'))
  if (isList(call)) return summary({ own: at('foreign', true), team: at('team'), foreign: at('foreign') })
  // one entry per ownership, by construction
  return summary(Object.fromEntries(ownerships.map((whose) => [whose, at(whose)])) as Record<Ownership, Outcome>)
}

const isList = (call: OperationName): boolean =>
  operations[call].authorize.resource === 'Workspace' && operations[call].authorize.id === undefined

const words: Readonly<Record<Ownership, string>> = { own: 'own', team: 'team', foreign: 'all' }

/** The widest first; what a wider word says already is left out. */
function summary(found: Readonly<Record<Ownership, Outcome>>): string {
  const cells: string[] = []
  let said: Outcome = 'deny'
  for (const whose of ownerships.toReversed()) {
    const outcome = found[whose]
    if (outcome === 'deny' || outcome === said) continue
    cells.push(marked(words[whose], outcome))
    said = outcome
  }
  return cells.length === 0 ? denied : cells.join(', ')
}

const marked = (word: string, outcome: Outcome): string => {
  if (outcome === 'deny') return denied
  return outcome === 'prove' ? `${word}*` : word
}
