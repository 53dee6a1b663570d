import type { Raw, Wire } from '@gatehouse/contract'
import { given } from '../../ui/form.ts'

export type Backend = Wire<'secretBackend.configure'>
export type BackendKind = Backend['kind']
type Texts = Readonly<Record<string, string>>

/** As many as there can be. */
export const backendsAsked = { first: 200 } as const

const kinds: Readonly<Record<BackendKind, readonly [name: string, gives: string]>> = {
  postgres: ['PostgreSQL', 'Logins of a server, with the rights of SQL roles.'],
  vault: ['Vault or OpenBao', 'Whatever one of its engines makes, such as logins of a database.'],
  aws: ['AWS', 'Sessions of roles of IAM.'],
  upcloud: ['UpCloud', 'Tokens of its API, each of a sub-account of its own.'],
}

/** What kind of place it is. */
export const kindName = (kind: BackendKind): string => kinds[kind][0]

/** The kinds to choose from, with what each gives. */
export const kindChoices = Object.entries(kinds).map(
  // the keys of the record are the kinds
  ([kind, [name, gives]]) => [kind as BackendKind, name, gives] as const,
)

/** How a backend stands, as its mark shows it. */
export function backendMark({ lastError, checkedAt }: Pick<Backend, 'lastError' | 'checkedAt'>): string {
  if (lastError !== null) return 'unusable'
  return checkedAt === null ? 'not tested yet' : 'usable'
}

const dies: Readonly<Record<Backend['revocability'], string>> = {
  deletes: 'Revoked credentials are deleted at the backend.',
  denies: 'Revoked credentials are denied by the backend.',
  'expires-only': 'What it gives cannot be revoked: it works until it expires.',
}

/** How what a backend gives dies before its time. */
export const diesWords = ({ revocability }: Pick<Backend, 'revocability'>): string => dies[revocability]

/** Why Gatehouse cannot replace its own secret at a backend; null: it can be tried. */
export const whyNotRotated = ({ kind }: Pick<Backend, 'kind'>): string | null =>
  kind === 'upcloud'
    ? 'UpCloud lets a person change it in its control panel alone. Change it there, then change the settings here.'
    : null

/** Every field of how a backend is reached, by its path in the operation's input. */
export const settingsFields = {
  'postgres.url': '',
  'postgres.authority': '',
  'vault.address': '',
  'vault.mount': '',
  'vault.token': '',
  'vault.authority': '',
  'aws.region': '',
  'aws.accessKeyId': '',
  'aws.secretAccessKey': '',
  'aws.endpoint': '',
  'upcloud.username': '',
  'upcloud.password': '',
  'upcloud.endpoint': '',
} as const

const settingsOf: { readonly [K in BackendKind]: (values: Texts) => Partial<Raw<'secretBackend.configure'>> } = {
  postgres: (values) => ({
    postgres: { url: secret(values, 'postgres.url'), authority: given(values['postgres.authority']) },
  }),
  vault: (values) => ({
    vault: {
      address: text(values, 'vault.address'),
      mount: text(values, 'vault.mount'),
      token: secret(values, 'vault.token'),
      authority: given(values['vault.authority']),
    },
  }),
  aws: (values) => ({
    aws: {
      region: text(values, 'aws.region'),
      accessKeyId: given(values['aws.accessKeyId']),
      secretAccessKey: given(values['aws.secretAccessKey']),
      endpoint: given(values['aws.endpoint']),
    },
  }),
  upcloud: (values) => ({
    upcloud: {
      username: text(values, 'upcloud.username'),
      password: secret(values, 'upcloud.password'),
      endpoint: given(values['upcloud.endpoint']),
    },
  }),
}

const text = (values: Texts, field: string): string => (values[field] ?? '').trim()

/** As it was typed. One that is empty is left out, so that the contract asks for it: of a secret it checks no more. */
const secret = (values: Texts, field: string): string => (values[field] || undefined) as string // see above

/** The kind that a form's text names. */
export const kindIn = (values: Texts): BackendKind =>
  kindChoices.find(([kind]) => kind === values['kind'])?.[0] ?? 'postgres'

/** What was filled in, as the operation takes it; fields of other kinds are not sent. */
export const configured = (values: Texts): Raw<'secretBackend.configure'> => ({
  name: text(values, 'name'),
  moved: values['moved'] === 'yes',
  ...settingsOf[kindIn(values)](values),
})
