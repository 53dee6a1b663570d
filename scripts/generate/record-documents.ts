import {
  categoryOf,
  commonRefusals,
  events,
  operationNames,
  operations,
  personalInputs,
  refusals,
  severityOf,
  type EventName,
  type RefusalCode,
} from '@gatehouse/contract'
import { exampleEntry, schemaVersion } from './example-entry.ts'
import { cell, markdownNotice, type GeneratedFile } from './generated-file.ts'

/** What a caller can do about each refusal. Total: a new refusal without a line does not compile. */
export const remedies = {
  'invalid-input': 'Read `fields`: each names the field and what would be right. Nothing was done.',
  unauthenticated: '`gatehouse auth login`. A token that was good before has expired, or its session was ended.',
  'invalid-credentials': 'Check name, password and code. Guesses are counted: wait when `rate-limited` follows.',
  'mfa-required': 'Log in with the second factor: `gatehouse auth login`.',
  'step-up-required': 'Prove the factor again: `gatehouse auth step-up --totp CODE`. The session stays.',
  'mfa-enrolment-required': '`gatehouse totp enroll`, then `gatehouse totp confirm`.',
  'password-change-required': '`gatehouse password change`.',
  forbidden:
    'Read `reason` and `policies`: `forbid` names the policies that deny it, `no-permit` means that none ' +
    'allows it. [Who may do what](../policies/matrix.md).',
  'approval-pending': 'A second person has to agree: `approvalId` says to what.',
  'not-found': 'Check the id or name. What a caller may not see does not exist for them.',
  conflict: 'Read the message and `hint`, look at what is there now, and decide again.',
  'lease-limit-reached': 'Revoke a lease of the role that is not needed any more, or have an Admin raise its limit.',
  locked:
    'An administrator has locked this: who it is for, its role, host, key or approval. Ask one of them: ' +
    '`gatehouse lock list` says why and until when, `gatehouse lock remove` ends it.',
  'lease-not-renewable': 'Issue a new one before this one ends. `renewableUntil` of a lease says whether it can be.',
  'lease-ended': 'Nothing is left to do on this lease; issue a new one.',
  'host-unreachable':
    'Check network, address and sshd: `gatehouse ssh-host check HOST`. A revocation is retried until it is done.',
  'host-key-mismatch':
    'Somebody stands between, or the host was made anew. Find out which before registering the new key.',
  'host-access-refused':
    'Set the host up to trust Gatehouse: `gatehouse ssh-host setup`. Its script names, with `--check`, the line of ' +
    "sshd's configuration that stands in the way.",
  'host-file-unreadable': 'Look at the file on the host. Gatehouse never rewrites what it cannot read whole.',
  'rate-limited': 'Wait `retryAfterSeconds`.',
  unavailable:
    'Wait and try again; `gatehouse system status` says which part is away. Where it says `mayBeDone`, the database ' +
    'was lost on the way: look first whether it was done.',
} as const satisfies Record<RefusalCode, string>

/** Every refusal: what it says outside, and what to do. */
export function failureModesDocument(): GeneratedFile {
  const codes = Object.keys(refusals) as RefusalCode[] // the keys of a literal object
  const text = [
    markdownNotice('packages/contract'),
    '# Failure modes',
    '',
    'A refusal is an expected no. The code is the same on every transport: GraphQL `extensions.code`, tRPC ' +
      '`error.data.refusal.code`, `error.code` of the command line.',
    'Everything else is a fault: the caller gets a request id, the log has the cause, the command exits with 1.',
    '',
    ...codes.flatMap(refusalSection),
  ].join('\n')
  return { path: 'docs/failure-modes.md', text }
}

function refusalSection(code: RefusalCode): string[] {
  const { status, exit, text } = refusals[code]
  const isCommon = (commonRefusals as readonly string[]).includes(code)
  const declaring = operationNames
    .filter((name) => operations[name].refusals.includes(code))
    .map((name) => `\`${name}\``)
  const declared = declaring.length === 0 ? 'no operation yet' : declaring.join(', ')
  return [
    `## ${code}`,
    '',
    `${text.charAt(0).toUpperCase()}${text.slice(1)}.`,
    '',
    `HTTP ${status} · exit code ${exit} · ${isCommon ? 'any operation' : declared}`,
    '',
    remedies[code],
    '',
  ]
}

/** Every action that the audit record can hold. */
export function auditActionsDocument(): GeneratedFile {
  const text = [
    markdownNotice('packages/contract'),
    '# Audit actions',
    '',
    'The `action` of an entry is the name of an operation, or of an event: a fact that nobody asked for.',
    'Its severity is that of an entry with the outcome `allowed`; refused, a call weighs between `low` and ' +
      '`medium`, and failed at least `medium`. `audit.search` and `audit.stats` take both as filters.',
    `Names of actions are stable. An entry says in \`v\` by which version of the format it was written; now it is ` +
      `${schemaVersion}. \`{"c":…}\` commits to a personal value. Examples of all actions stand below.`,
    '',
    '## Operations',
    '',
    '| action | category | severity | resource | personal fields (committed, erasable) | what |',
    '|---|---|---|---|---|---|',
    ...operationNames.map((name) => {
      const { authorize, summary } = operations[name]
      const personal = personalInputs(operations[name]).join(', ')
      return `| ${name} | ${classOf(name)} | ${authorize.resource} | ${personal} | ${cell(summary)} |`
    }),
    '',
    '## Events',
    '',
    '| action | category | severity | resource | what |',
    '|---|---|---|---|---|',
    ...Object.entries(events).map(
      ([name, { resource, summary }]) => `| ${name} | ${classOf(name)} | ${resource} | ${cell(summary)} |`,
    ),
    '',
    '## Examples',
    '',
    'One entry of each action, as its text stands in the log.',
    '',
    '```json',
    ...[...operationNames, ...eventNames].map(exampleEntry),
    '```',
    '',
  ].join('\n')
  return { path: 'docs/audit-actions.md', text }
}

const eventNames = Object.keys(events) as EventName[] // the keys of a literal object

const classOf = (action: string): string => `${categoryOf(action)} | ${severityOf(action, 'allowed')}`
