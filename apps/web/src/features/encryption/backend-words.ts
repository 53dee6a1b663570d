import type { Wire } from '@gatehouse/contract'
import { counted, sentence } from '../../words.ts'

export type Backend = Wire<'kmsBackend.list'>['backends'][number]
export type Status = Wire<'kms.status'>

const kinds: Readonly<Record<Backend['kind'], string>> = {
  age: 'age key file',
  vault: 'Vault or OpenBao',
  aws: 'AWS KMS',
  cosmian: 'Cosmian KMS',
  pkcs11: 'hardware token (PKCS#11)',
}

/** What is wrong with a backend: of one that is here the server says it as of a key that has been named. */
export const problemWords = ({ state, problem }: Pick<Backend, 'state' | 'problem'>): string =>
  sentence(state === 'absent' ? (problem ?? '') : `it ${problem ?? ''}`)

/** What kind of backend it is. */
export const kindOf = ({ kind }: Pick<Backend, 'kind'>): string => kinds[kind]

const marks: Readonly<Record<Backend['state'], string>> = {
  usable: 'usable',
  unusable: 'unusable',
  unknown: 'not checked yet',
  absent: 'not on this machine',
}

/** How a backend stands, as its mark shows it. */
export const standingMark = ({ state }: Pick<Backend, 'state'>): string => marks[state]

const yesNo = (fact: boolean | null, words: { readonly yes: string; readonly no: string }): string => {
  if (fact === null) return 'not known'
  return fact ? words.yes : words.no
}

/** What else is known of a backend, name beside value. */
export const backendFacts = ({
  reach,
  opensDatabase,
  quantumSafe,
}: Pick<Backend, 'reach' | 'opensDatabase' | 'quantumSafe'>) =>
  [
    ['Opens the database', yesNo(opensDatabase, { yes: 'yes', no: 'no' })],
    ['Keys to wrap', yesNo(reach === null ? null : reach === 'local', { yes: 'stay here', no: 'are sent to it' })],
    ['Quantum-safe', yesNo(quantumSafe, { yes: 'yes', no: 'no' })],
  ] as const

/** What columns hold, by `table.column`; of all others their name is shown. Whether they are sealed the server says. */
const sealedWords: Readonly<Record<string, string>> = {
  'alert_channel.target': 'where alerts are sent, with the secrets for it',
  'audit_sink.secret': 'secrets of audit sinks',
  'audit_subject_key.sealed': 'keys of the people in the audit log',
  'authenticator.secret': 'secrets of authenticator apps',
  'invitation.token': 'invitations that wait to be mailed',
  'secret_backend.next_settings': 'new passwords of backends of credentials that are being put in place',
  'secret_backend.settings': 'how backends of credentials are reached, with their passwords',
  'secret_credential.witness': 'sessions with which AWS is asked whether a revoked one is dead',
  'seed_secret.password': 'passwords of the seeded accounts of a development system',
  'seed_secret.totp_secret': 'authenticator secrets of the seeded accounts of a development system',
  'signing_key.private_key': 'private keys that sign access tokens',
  'ssh_authority.private_key': 'private keys of the SSH certificate authority',
}

/** What a sealed column holds, in words; null: only its name is known. */
export const sealedWord = ({ table, column }: Status['sealed'][number]): string | null =>
  sealedWords[`${table}.${column}`] ?? null

/** How many keys there are that still have their material. */
export const keysLeft = ({ keys }: Pick<Status, 'keys'>): number =>
  keys.filter(({ state }) => state !== 'destroyed').reduce((sum, { count }) => sum + count, 0)

/** `2 key encryption keys open`. */
export const openersWords = ({ databaseKeys }: Pick<Status, 'databaseKeys'>): string =>
  `${counted(databaseKeys, 'key encryption key')} ${databaseKeys === 1 ? 'opens' : 'open'}`

/** As keys know the backend of `[kms]`. */
const ownBackend = 'installation'
const regionSection = 'kms.regions.'

/** Backends that a key may be given, by the names that it knows them by. A second key of `[kms]` is none of them. */
export const backendNames = (backends: readonly Pick<Backend, 'section'>[]): readonly string[] =>
  backends.flatMap(({ section }) => {
    if (section === 'kms') return [ownBackend]
    return section.startsWith(regionSection) ? [section.slice(regionSection.length)] : []
  })

export type Texts = Readonly<Record<string, string>>

/** The field of a form in which a backend is chosen. */
export const fieldOf = (name: string): string => `backend ${name}`

/** Those that are chosen; as long as nobody has, that of `[kms]`. */
export const chosenBackends = (names: readonly string[], values: Texts): readonly string[] =>
  names.filter((name) => (values[fieldOf(name)] ?? (name === ownBackend ? 'yes' : 'no')) === 'yes')
