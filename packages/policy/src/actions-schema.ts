import { actionGroups, operationNames, operations, platformContextTypes, type OperationName } from '@gatehouse/contract'
import { baseContextSchema } from '@gatehouse/enforcement'

/** `lease.issue` → `lease`: one group per noun, so that a policy can name all of it. */
const nounOf = (name: OperationName): string => name.split('.')[0] ?? name

const fieldsOf = (types: Readonly<Record<string, string>>): string =>
  Object.entries(types)
    .map(([name, type]) => `${name}: ${type}`)
    .join(', ')

const quoted = (names: readonly string[]): string => names.map((name) => `"${name}"`).join(', ')

const platformSchema = { ...baseContextSchema, ...platformContextTypes, 'approval?': 'Approval' }

/** The Cedar schema of every declared operation: who may ask it of what, with which context, in which groups. */
export function actionsSchema(): string {
  const nouns = [...new Set(operationNames.map(nounOf))].sort()
  return [
    '// Generated from packages/contract by `npm run generate`. Do not edit: a check compares it with the contract.',
    '',
    "// What the server tells of every request. Cedar has no clock: times are UTC and the server's.",
    '// `mfa`: two factors in this session.',
    '// `mfaFresh`: the second one proved in the last minutes.',
    "// `ownOnly`: a list is asked for the caller's own rows only.",
    '// `recovery`: a backup code opened this session minutes ago, and no authenticator was added in it yet.',
    '// `apiToken`: an API token proved the caller, not a log-in.',
    '// Of the workspace that the resource stands in, by the clock on the wall there (summer time included):',
    '// `localHour` (0 to 23), `localDay` (mon to sun), `weekend`, `holiday`, `businessHours` (never on a holiday).',
    '// `onCall`: the caller is on call there at this moment. `corporateNetwork`: they call from a network of its',
    '// environment; where that names none, every address counts. Outside workspaces it is UTC, and the two are false.',
    '// `emergency`: an emergency session of this incident proved the caller; it does what its request names, no more.',
    `type Request = { ${fieldsOf(baseContextSchema)} };`,
    '',
    "// The same of the platform's calls. `approval`: of this very call by a second person, found by the server.",
    '// `force` and `justification` are what the platform says of its call.',
    `type PlatformRequest = { ${fieldsOf(platformSchema)} };`,
    '',
    '// Groups by what is done.',
    `action ${quoted(actionGroups)};`,
    '',
    '// Groups by noun.',
    `action ${quoted(nouns)};`,
    '',
    ...operationNames.map(actionOf),
  ].join('\n')
}

function actionOf(name: OperationName): string {
  const { authorize, groups, summary, internal } = operations[name]
  const parents = [...groups, nounOf(name)].map((group) => `Action::"${group}"`).join(', ')
  const context =
    authorize.contextTypes === undefined
      ? 'Request'
      : `{ ${fieldsOf({ ...baseContextSchema, ...authorize.contextTypes })} }`
  return [
    `/// ${summary}${internal === true ? ' Internal: the worker only.' : ''}`,
    `action "${name}" in [${parents}] appliesTo {`,
    `  principal: [${authorize.principals.join(', ')}],`,
    `  resource: [${authorize.resource}],`,
    `  context: ${context},`,
    '};',
    '',
  ].join('\n')
}
