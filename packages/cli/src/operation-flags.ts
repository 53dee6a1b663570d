import { SecretText, type Operation } from '@gatehouse/contract'
import { z } from 'zod'
import { durationText } from '@gatehouse/kit'
import type { Flag, FlagKind } from './flag.ts'
import { kebab } from './words.ts'

/** The flags of an operation: one per input field, by the names that its declaration hints at. */
export const flagsOf = (operation: Operation): readonly Flag[] =>
  Object.entries(operation.input.shape).map(([field, schema]) =>
    flagOf({ field, schema: schema as z.ZodType, operation }),
  ) // a ZodObject's shape holds classic types here

interface FieldOfOperation {
  readonly field: string
  readonly schema: z.ZodType
  readonly operation: Operation
}

const flagOf = ({ field, schema, operation }: FieldOfOperation): Flag => {
  const { inner, required, defaultValue } = unwrap(schema)
  const kind = kindOf(field, inner)
  return {
    field,
    kind,
    required,
    name: operation.command?.flags?.[field] ?? kebab(kind === 'duration' ? field.replace(/Seconds$/, '') : field),
    choices: choicesOf(inner),
    defaultText: operation.command?.defaults?.[field]?.join(',') ?? defaultTextOf(kind, defaultValue),
    help: operation.command?.help?.[field] ?? inner.description ?? fieldHelp[field] ?? '',
  }
}

interface Unwrapped {
  readonly inner: z.ZodType
  readonly required: boolean
  readonly defaultValue: unknown
}

/** Takes optional, nullable and default off a schema. */
export const unwrap = (schema: z.ZodType): Unwrapped => {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable)
    // zod types what it wraps by its core, the objects are classic
    return { ...unwrap(schema.unwrap() as z.ZodType), required: false }
  if (schema instanceof z.ZodDefault)
    // as above
    return { ...unwrap(schema.unwrap() as z.ZodType), required: false, defaultValue: schema.def.defaultValue }
  return { inner: schema, required: true, defaultValue: undefined }
}

const kindOf = (field: string, schema: z.ZodType): FlagKind => {
  if (schema === SecretText) return 'secret'
  if (schema instanceof z.ZodBoolean) return 'boolean'
  if (schema instanceof z.ZodEnum) return 'choice'
  if (schema instanceof z.ZodArray) return schema.element instanceof z.ZodObject ? 'json' : 'list'
  if (schema instanceof z.ZodNumber) return field.endsWith('Seconds') ? 'duration' : 'integer'
  return 'text'
}

const choicesOf = (schema: z.ZodType): readonly string[] => {
  if (schema instanceof z.ZodEnum) return schema.options.map(String)
  return schema instanceof z.ZodArray ? choicesOf(schema.element as z.ZodType) : [] // as in unwrap
}

const defaultTextOf = (kind: FlagKind, value: unknown): string | null => {
  if (value === undefined || value === '' || value === false || (Array.isArray(value) && value.length === 0))
    return null
  return kind === 'duration' ? durationText(Number(value)).replaceAll(' ', '').replace('min', 'm') : String(value)
}

/** What a field means, where its schema does not say so itself. */
const fieldHelp: Readonly<Record<string, string>> = {
  id: 'id or, where it has one, name',
  first: 'how many to show',
  after: 'where to go on: the cursor of the page before',
  reason: 'why; auditors read it',
  required: 'refuse changes while it does not take the audit log',
  purpose: 'what for; auditors read it',
  workspace: 'name or id of the workspace',
  ttlSeconds: 'how long it lives: 15m, 1h, 3600',
  host: 'name or id of the host',
  login: 'account on the host; one of its SSH principals',
  publicKey: 'your public key, one line',
  name: 'name',
  address: 'host name or address',
  port: 'port of its sshd',
  user: 'user name or id',
  access: 'how Gatehouse gets in: by its CA, or by its management key',
  authorizedKeysPath: 'file in which Gatehouse keeps its block of keys',
  hostKey: "the host's public key line; without it, the one it shows now is pinned",
  principals: 'accounts that people may log in to',
  sourceAddresses: 'addresses from which its credentials work; default: where you call from',
  username: 'user name',
  displayName: 'name as people read it',
  email: 'address for notices',
  role: 'role',
  teams: 'teams',
  state: 'only in this state',
  status: 'only with this status',
  backend: 'only of this backend',
  principal: 'only of this person or service',
  team: 'only members of this team',
  description: 'what it is for',
  code: 'code that the authenticator shows now',
  actor: 'only by this person or service',
  pseudonym: 'as the audit log shows it to who is not shown people',
  action: 'only this operation, such as sshCertificate.sign',
  resource: 'only on this thing',
  outcome: 'only with this outcome',
  from: 'not before: a time, or how long ago (90m, 1d)',
  to: 'not after: a time, a day (to its end), or how long ago',
  ip: 'only from this address',
  session: 'only of this session',
  decision: 'only so decided',
  scopes: 'what it may do: operations such as lease.list, nouns such as lease.*, or read for all reads',
  keyThumbprint: 'RFC 7638 thumbprint of the key that must sign its calls (DPoP)',
  serviceAccount: 'of this program; without it, yours',
  ticket: 'number of the ticket that asks for it',
  requester: 'only asked for by this person',
  requiredRoles: 'roles that must enrol a second factor',
  roleLimits:
    'how long sessions and tokens of a role live: role, sessionAbsoluteSeconds, sessionIdleSeconds, ' +
    'accessTokenTtlSeconds, refreshTokenTtlSeconds',
  authenticatorRules: 'which keys a role may enrol: role, attestation, aaguids, backupEligibleAllowed',
  authFailuresAlert: 'failed log-ins of one account within five minutes that raise an alert',
  revocationSpikeAlert: 'sessions, tokens and leases revoked within five minutes that raise an alert',
  alertQuietMinutes: 'minutes in which the same alert is only counted',
  leaseExpiryAlertMinutes: 'minutes before the end of a lease in which an alert says so',
  search: 'only what has this in a name, in any case',
  sort: 'in which order; without it the newest first',
  unread: 'only what you have not marked as read',
  environment: 'development, staging or production',
  tier: 'how much care it asks for: as development, staging or production',
  requiresMfa: 'what the platform does there asks for a second factor; --no-requires-mfa: no more',
  requiresApproval: "what the platform does there asks for a second person's approval; --no-requires-approval: no more",
  timeZone: "IANA's name, such as Europe/Helsinki",
  networks: 'networks that count as corporate, such as 10.0.0.0/8; "": every address counts',
  businessHours: 'days and hours such as "mon-fri 08:00-18:00"',
  holidays: 'dates such as 2026-12-24',
  onCall: 'who is on call: user, from, to',
  resourceType: 'what it is: Server, Taskserv, Cluster, Workflow or Secret',
  parameters: 'what else of the call counts, such as version=1.4.2',
  risk: 'low, medium or high; high is approved by an Admin',
  category: 'only of this category',
  severity: 'only of at least this severity',
  kinds: 'only of these kinds',
  requestId: 'only of this request, as answers name it',
  policy: 'only where this policy decided',
  effect: 'only so decided',
  files: 'the policies: a list of path and text',
  suites: 'the cases: a list of path and text',
  change: 'a policy set of the history, by its id; left out: the one in force',
  format: 'the form of its entries',
  redact: 'leave out what says who somebody is',
  proofs: 'with the proof of each entry, where the format has a place for it',
  since: 'with the proof that the audit log goes on from this size, which you saw before',
  days: 'how many days entries are kept',
  breakGlassDays: 'how many days entries of break-glass are kept',
  everything: 'the whole audit log',
  entry: 'only this one; left out: all',
  shared: 'for everybody who may read the audit log',
  remembered: 'another checkpoint to compare with',
  all: 'all of them',
  digits: 'digits of a code',
  algorithm: 'of the codes; few apps know others than SHA1',
  verifyRequired: 'the security key has to ask for its PIN or a finger at each log-in',
  unbound: 'take certificates that are bound to no host',
  justification: 'why it cannot wait, in 20 characters or more; every approver reads it',
  incident: 'number or id of the incident',
  actions: 'what has to be done, separated by commas',
  durationSeconds: 'how long at most, up to 4h',
  assertion: "the browser's answer of a security key, as JSON",
  needed: 'whether it could not have been done otherwise',
  summary: 'what was done, and why, in 20 characters or more',
  followUps: 'what is to be done, by whom, until when: {"text", "owner", "dueAt"}',
  rotate: 'secrets to be replaced, separated by commas',
  totpAdmitted: 'whether a code in a session counts beside a security key',
  unreviewed: 'only those that nobody has reviewed',
  contactWaiver: 'why it is registered without having been reached',
  payloads: 'payloads of Temporal, in base64',
  fingerprint: 'of the key that the host shows now, compared by you',
  machineGone: 'the machine is gone: nothing is left on it to be removed',
}
