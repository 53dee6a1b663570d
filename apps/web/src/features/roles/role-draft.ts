import type { Raw, Wire } from '@gatehouse/contract'
import { durationText } from '@gatehouse/kit'
import { given, givenList } from '../../ui/form.ts'
import type { BackendKind } from '../backends/backend-words.ts'

export type Role = Wire<'secretRole.get'>
type Texts = Readonly<Record<string, string>>
type Form = Pick<Raw<'secretRole.create'>, BackendKind>
type FormChange = Pick<Raw<'secretRole.update'>, BackendKind>

const hoursMax = [0.25, 0.5, 1, 2, 4, 8, 12, 24]

/** How long credentials of a role can live at most, to choose from; what it is now is among them. */
export const ttlOptions = (now: number): readonly (readonly [string, string])[] =>
  [...new Set([...hoursMax.map((hours) => hours * 3600), now])]
    .toSorted((a, b) => a - b)
    .map((seconds) => [String(seconds), durationText(seconds)])

/** Every field of a role, empty. Those of its kind are named by their paths in the operation's input. */
export const emptyRole: Texts = {
  name: '',
  backend: '',
  workspace: 'default',
  ttlSecondsMax: '3600',
  leasesMax: '',
  leasesEachMax: '',
  'postgres.grants': '',
  'postgres.connectionsMax': '5',
  'vault.path': '',
  'aws.roleArn': '',
  'aws.policy': '',
  'aws.externalId': '',
  'aws.tags': '',
  'upcloud.permissions': '',
  'upcloud.addresses': '',
}

const number = (text: string | undefined): number | undefined =>
  given(text) === undefined ? undefined : Number(given(text))

/** `team=shop`, one in each line; what has no `=` is a key without a value, which the server refuses. */
const tagsIn = (text: string | undefined) =>
  linesOf(text)?.map((line) => {
    const at = line.indexOf('=')
    return at === -1 ? { key: line, value: '' } : { key: line.slice(0, at).trim(), value: line.slice(at + 1).trim() }
  })

type Permission = NonNullable<Form['upcloud']>['permissions'][number]

/** `server:UUID`, one in each line. The server refuses types that it does not know. */
const permissionsIn = (text: string | undefined): Permission[] =>
  (linesOf(text) ?? []).map((line) => {
    const [targetType = '', ...target] = line.split(':')
    return { targetType: targetType.trim() as Permission['targetType'], target: target.join(':').trim() }
  })

function linesOf(text: string | undefined): readonly string[] | undefined {
  const lines = (text ?? '')
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '')
  return lines.length === 0 ? undefined : lines
}

const formBy: { readonly [K in BackendKind]: (values: Texts) => Form } = {
  postgres: (values) => ({
    postgres: {
      grants: givenList(values['postgres.grants']) ?? [],
      connectionsMax: number(values['postgres.connectionsMax']),
    },
  }),
  vault: (values) => ({ vault: { path: (values['vault.path'] ?? '').trim() } }),
  aws: (values) => ({
    aws: {
      roleArn: (values['aws.roleArn'] ?? '').trim(),
      policy: given(values['aws.policy']),
      externalId: given(values['aws.externalId']),
      tags: tagsIn(values['aws.tags']),
    },
  }),
  upcloud: (values) => ({
    upcloud: {
      permissions: permissionsIn(values['upcloud.permissions']),
      addresses: givenList(values['upcloud.addresses']),
    },
  }),
}

/** A new role of a backend of this kind, as the operation takes it. */
export const createInput = (values: Texts, kind: BackendKind): Raw<'secretRole.create'> => ({
  name: (values['name'] ?? '').trim(),
  backend: values['backend'] ?? '',
  workspace: values['workspace'] ?? '',
  ttlSecondsMax: Number(values['ttlSecondsMax']),
  leasesMax: number(values['leasesMax']),
  leasesEachMax: number(values['leasesEachMax']),
  ...formBy[kind](values),
})

const textBy: { readonly [K in BackendKind]: (form: NonNullable<Role[K]>) => Texts } = {
  postgres: ({ grants, connectionsMax }) => ({
    'postgres.grants': grants.join(', '),
    'postgres.connectionsMax': String(connectionsMax),
  }),
  vault: ({ path }) => ({ 'vault.path': path }),
  aws: ({ roleArn, policy, externalId, tags }) => ({
    'aws.roleArn': roleArn,
    'aws.policy': policy ?? '',
    'aws.externalId': externalId ?? '',
    'aws.tags': tags.map(({ key, value }) => `${key}=${value}`).join('\n'),
  }),
  upcloud: ({ permissions, addresses }) => ({
    'upcloud.permissions': permissions.map(({ targetType, target }) => `${targetType}:${target}`).join('\n'),
    'upcloud.addresses': addresses.join(', '),
  }),
}

const textsOf = <K extends BackendKind>(role: Role, kind: K): Texts => {
  const form = role[kind]
  return form === null ? {} : textBy[kind](form as NonNullable<Role[K]>) // null is what it is not
}

/** A role as a form shows it. */
export const roleTexts = (role: Role): Texts => ({
  ...emptyRole,
  name: role.name,
  backend: role.backendId,
  workspace: role.workspace,
  ttlSecondsMax: String(role.ttlSecondsMax),
  leasesMax: role.leasesMax === null ? '' : String(role.leasesMax),
  leasesEachMax: role.leasesEachMax === null ? '' : String(role.leasesEachMax),
  ...textsOf(role, role.kind),
})

/** A quota that was emptied is taken away: the operation says so by 0. */
const quota = (text: string | undefined, before: number | null): number | undefined => {
  const wanted = number(text) ?? 0
  return wanted === (before ?? 0) ? undefined : wanted
}

/** Only what was changed is sent. */
export function updateInput(role: Role, values: Texts): Raw<'secretRole.update'> {
  const before = roleTexts(role)
  const isChanged = Object.keys(textsOf(role, role.kind)).some((field) => values[field] !== before[field])
  const ttlSecondsMax = Number(values['ttlSecondsMax'])
  return {
    id: role.id,
    ttlSecondsMax: ttlSecondsMax === role.ttlSecondsMax ? undefined : ttlSecondsMax,
    leasesMax: quota(values['leasesMax'], role.leasesMax),
    leasesEachMax: quota(values['leasesEachMax'], role.leasesEachMax),
    ...(isChanged ? changedForm(role.kind, values) : {}),
  }
}

/** How the operation says that there is none of a part any more. */
const none: { readonly [K in BackendKind]: NonNullable<FormChange[K]> } = {
  postgres: {},
  vault: {},
  aws: { policy: '', externalId: '', tags: [] },
  upcloud: { addresses: [] },
}

/** A change takes each part that a new role takes; what was emptied is taken away. */
function changedForm(kind: BackendKind, values: Texts): FormChange {
  const given = Object.entries(formBy[kind](values)[kind] ?? {}).filter(([, value]) => value !== undefined)
  return { [kind]: { ...none[kind], ...Object.fromEntries(given) } }
}
