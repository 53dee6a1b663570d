import type { Wire } from '@gatehouse/contract'
import { counted } from '../../words.ts'

export type Key = Wire<'kmsKey.get'>
/** A key as one of many. */
export type ListedKey = Wire<'kmsKey.list'>['items'][number]
export type Usage = Wire<'kmsKey.usage'>
export type Version = Usage['versions'][number]
export type Ciphertext = Wire<'kmsKey.ciphertexts'>['items'][number]

interface StateWords {
  /** As the mark shows it. */
  readonly mark: string
  /** What the key does in it. */
  readonly does: string
}

const stateWords: Readonly<Record<Key['state'], StateWords>> = {
  enabled: { mark: 'enabled', does: 'It encrypts and decrypts.' },
  'decrypt-only': {
    mark: 'decrypt only',
    does: 'What was encrypted can still be decrypted. Nothing new is encrypted or rewrapped.',
  },
  disabled: { mark: 'disabled', does: 'Nothing is encrypted or decrypted under it.' },
  'pending-deletion': { mark: 'deletion scheduled', does: 'Nothing is encrypted or decrypted under it.' },
  destroyed: {
    mark: 'destroyed',
    does: 'Its material was destroyed. What it encrypted cannot be read any more. Its name stays taken.',
  },
}

/** The state of a key, as its mark shows it. */
export const stateMark = ({ state }: Pick<Key, 'state'>): string => stateWords[state].mark

/** The states of keys, to choose from. */
export const stateOptions = Object.entries(stateWords).map(([state, { mark }]) => [state, mark] as const)

/** What a key does in its state, as a sentence. */
export const stateDoes = ({ state }: Pick<Key, 'state'>): string => stateWords[state].does

/** What can be done with a key as a whole. */
export type KeyAct = 'rotate' | 'enable' | 'restrict' | 'disable' | 'scheduleDeletion' | 'cancelDeletion'

const actsIn: Readonly<Record<Key['state'], readonly KeyAct[]>> = {
  enabled: ['rotate', 'restrict', 'disable', 'scheduleDeletion'],
  'decrypt-only': ['enable', 'disable', 'scheduleDeletion'],
  disabled: ['enable', 'restrict', 'scheduleDeletion'],
  'pending-deletion': ['cancelDeletion'],
  destroyed: [],
}

/** What follows from the state that a key is in; all else the server refuses. */
export const actsOf = ({ state }: Pick<Key, 'state'>): readonly KeyAct[] => actsIn[state]

type Standing = Pick<Usage, 'currentVersion' | 'minimumVersion'>

/** Where a version of a key stands, as its mark shows it. */
export function versionMark({ version, state }: Pick<Version, 'version' | 'state'>, key: Standing): string {
  if (state === 'destroyed') return 'destroyed'
  if (version < key.minimumVersion) return 'closed'
  if (state === 'revoked') return 'version revoked'
  return version === key.currentVersion ? 'current' : 'older version'
}

/** Why a version cannot be revoked; null: it can be tried. */
export function whyNotRevoked({ version, state }: Pick<Version, 'version' | 'state'>, key: Standing): string | null {
  if (version === key.currentVersion) return 'Everything is encrypted under this version today. Rotate the key first.'
  return state === 'live' ? null : `Version ${version} is ${state} already.`
}

type Closing = Pick<Usage, 'versions' | 'minimumVersion'>

/** How many ciphertexts another minimum would leave behind; what is closed already was left behind before. */
export const leftBelow = ({ versions, minimumVersion }: Closing, minimum: number): number =>
  versions
    .filter(({ version }) => version >= minimumVersion && version < minimum)
    .reduce((sum, { ciphertexts }) => sum + ciphertexts, 0)

/** The highest minimum that leaves no more behind: the oldest open version that a ciphertext needs. */
export const minimumWithin = (usage: Closing & Pick<Usage, 'currentVersion'>): number =>
  Math.min(
    usage.currentVersion,
    ...usage.versions
      .filter(({ version, ciphertexts }) => version >= usage.minimumVersion && ciphertexts > 0)
      .map(({ version }) => version),
  )

/** Versions that others may know and that ciphertexts still need, the newest first. */
export const toReplace = ({ versions }: Pick<Usage, 'versions'>): readonly Version[] =>
  versions.filter(({ state, ciphertexts }) => state === 'revoked' && ciphertexts > 0)

/** What a key is used for, with the operation that is asked for it. */
export const keyRights = [
  ['kms.encrypt', 'encrypt'],
  ['kms.decrypt', 'decrypt'],
  ['kms.rewrap', 'rewrap'],
  ['kms.generateDataKey', 'make data keys'],
  ['kmsKey.rotate', 'rotate it'],
  ['kmsKey.scheduleDeletion', 'schedule its deletion'],
] as const

/** Numbers as people read them: `1,203 ciphertexts`. */
export const ciphertextsWords = (count: number): string =>
  counted(count, 'ciphertext').replace(String(count), count.toLocaleString('en-GB'))

/** Where a ciphertext lies, or that nobody said, and which it is. */
export const locationWords = ({ location, id }: Pick<Ciphertext, 'location' | 'id'>): string =>
  location ?? `location not given: ${id}`

/** How often a key is rotated. */
export function periodWords({ rotationDays, rotatesAt }: Pick<Key, 'rotationDays' | 'rotatesAt'>): string {
  if (rotationDays === null) return 'By hand only.'
  const every = rotationDays === 1 ? 'every day' : `every ${rotationDays} days`
  return rotatesAt === null ? `By itself ${every}, but not while it is stopped.` : `By itself ${every}.`
}

type Leaving = NonNullable<Usage['leaving']>

/** How far what older versions encrypted has come. */
export function leavingWords({ moved, left }: Pick<Leaving, 'moved' | 'left'>, version: number): string {
  if (left > 0)
    return (
      `${ciphertextsWords(moved)} rewrapped under version ${version}; ` +
      `${left.toLocaleString('en-GB')} still ${left === 1 ? 'needs' : 'need'} an older version.`
    )
  return moved === 0
    ? `Everything is encrypted under version ${version}.`
    : `${ciphertextsWords(moved)} rewrapped under version ${version}: all of them.`
}

/** How fast that goes. */
export const paceWords = ({ perDay }: Pick<Leaving, 'perDay'>): string =>
  perDay === null
    ? 'None has been rewrapped yet.'
    : `${perDay.toLocaleString('en-GB', { maximumSignificantDigits: perDay < 100 ? 2 : 3 })} a day.`

/** How many of its backends open a key. */
export function quorumWords({ quorum, backends }: Pick<Key, 'quorum' | 'backends'>): string {
  if (quorum !== null) return `${quorum} of these ${backends.length} open it together. None of them opens it alone.`
  return backends.length === 1 ? 'It opens by this backend alone.' : 'Any of these opens it.'
}

/** Why the backends of a key stay as they are; null: another can be tried. */
export function whyNotSpread({ quorum, state }: Pick<Key, 'quorum' | 'state'>): string | null {
  if (state === 'destroyed') return 'Its material was destroyed.'
  return quorum === null ? null : 'A key that several backends open together keeps them.'
}

const backendMarks: Readonly<Record<Key['backends'][number]['state'], string>> = {
  whole: 'has every version',
  incomplete: 'incomplete',
  'other-key': 'other key in the settings',
  'not-here': 'not on this server',
}

/** What a backend has of a key, as its mark shows it. */
export const backendMark = ({ state }: Pick<Key['backends'][number], 'state'>): string => backendMarks[state]
