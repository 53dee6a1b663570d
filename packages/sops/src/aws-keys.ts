import { secret } from '@gatehouse/contract'
import type { AwsUses } from '@gatehouse/keys/aws-chain'
import { awsRegionOf, isAwsRole, type AwsNamedKey } from '@gatehouse/keys/aws-names'
import { keyNameOf, type KeyName, type KeyService } from './key-service.ts'
import { stanza, type Stanza } from './metadata.ts'
import { timeText } from './scalar.ts'
import { SopsError } from './sops-error.ts'
import { entry, leaf, map, type Entry } from './tree.ts'

/** What is said of all keys that are named at once. */
export interface AwsDetails {
  readonly context?: Readonly<Record<string, string>>
  readonly profile?: string
}

/** Keys of AWS KMS as they are typed, with commas between: `arn:aws:kms:…`, or with a role `…+arn:aws:iam:…`. */
export const awsKeyNames = (text: string, { context = {}, profile = '' }: AwsDetails = {}): readonly KeyName[] =>
  text
    .replaceAll(' ', '')
    .split(',')
    .filter((one) => one !== '')
    .map((one) => {
      const [arn = '', role = ''] = one.split(/\+(?=arn:)/)
      return awsKeyName({ arn, role, profile, context })
    })

/** One key by its parts; an empty text is none. Throws `bad-recipient`. */
export const awsKeyName = ({ arn, role, profile, context }: AwsNamedKey): KeyName => {
  if (awsRegionOf(arn) === null)
    throw new SopsError(
      'bad-recipient',
      `\`${arn.slice(0, 200)}\` is no key of AWS KMS; write arn:aws:kms:REGION:ACCOUNT:key/ID`,
    )
  if (role !== '' && !isAwsRole(role))
    throw new SopsError(
      'bad-recipient',
      `\`${role.slice(0, 200)}\` is no role of AWS; write arn:aws:iam::ACCOUNT:role/NAME`,
    )
  const parts = [['arn', arn] as const, ['role', role] as const, ['aws_profile', profile] as const]
  return { type: 'kms', fields: parts.filter(([, value]) => value !== ''), context }
}

/** A context as it is typed: `name:value`, commas between. Throws `bad-recipient`. */
export const awsContext = (text: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    text
      .split(',')
      .filter((pair) => pair.trim() !== '')
      .map((pair) => {
        const [, name, value] = /^\s*([^:]+):(.*)$/.exec(pair) ?? []
        if (name === undefined || value === undefined)
          throw new SopsError('bad-recipient', `\`${pair.slice(0, 80)}\` is no encryption context; write NAME:VALUE`)
        return [name, value]
      }),
  )

/** The wrapped key is 6 KiB at most: https://docs.aws.amazon.com/kms/latest/APIReference/API_Decrypt.html */
const wrappedCharsMax = 8192

/** AWS KMS with the credentials of this machine. Its client is loaded when a key of it is used. */
export const awsKeys = (now: () => Date): KeyService => {
  let uses: Promise<AwsUses> | null = null
  const aws = (): Promise<AwsUses> => (uses ??= import('@gatehouse/keys/aws-chain').then((chain) => chain.awsByChain()))
  return {
    type: 'kms',
    wrap: async (key, dataKey) => {
      const named = namedKeyOf(key)
      awsKeyName(named)
      const enc = await asked(async () => (await aws()).encrypt(named, dataKey.expose()))
      return awsStanza(key, { enc: Buffer.from(enc).toString('base64'), createdAt: now() })
    },
    unwrap: async (found) => {
      const named = namedKeyOf(keyNameOf(found))
      if (awsRegionOf(named.arn) === null || (named.role !== '' && !isAwsRole(named.role))) return null
      const { enc = '' } = found.fields
      if (enc.length > wrappedCharsMax)
        throw new SopsError('malformed', 'a key of AWS KMS has a wrapped data key that is too long')
      return secret(await asked(async () => (await aws()).decrypt(named, Buffer.from(enc, 'base64'))))
    },
  }
}

const namedKeyOf = ({ fields, context = {} }: KeyName): AwsNamedKey => {
  const { arn = '', role = '', aws_profile: profile = '' } = Object.fromEntries(fields)
  return { arn, role, profile, context }
}

/** The client's errors name the key and the next step, and hold no secret. */
const asked = async (ask: () => Promise<Uint8Array>): Promise<Uint8Array> => {
  try {
    return new Uint8Array(await ask())
  } catch (cause) {
    if (!(cause instanceof Error && cause.name === 'KekError')) throw cause
    throw new SopsError('no-key', cause.message, { cause })
  }
}

/** In the order of stock SOPS; what another version says of the key comes behind. */
const awsStanza = (key: KeyName, { enc, createdAt }: { enc: string; createdAt: Date }): Stanza => {
  const { arn, role, profile, context } = namedKeyOf(key)
  const told = Object.entries(context).toSorted(([a], [b]) => (a < b ? -1 : 1))
  const known = ['arn', 'role', 'aws_profile']
  return stanza(
    'kms',
    map([
      textEntry('arn', arn),
      ...(role === '' ? [] : [textEntry('role', role)]),
      ...(told.length === 0 ? [] : [entry('context', map(told.map(([name, value]) => textEntry(name, value))))]),
      textEntry('created_at', timeText(createdAt)),
      textEntry('enc', enc),
      textEntry('aws_profile', profile),
      ...key.fields.filter(([name]) => !known.includes(name)).map(([name, value]) => textEntry(name, value)),
    ]),
  )
}

const textEntry = (key: string, text: string): Entry => entry(key, leaf({ type: 'str', text }))
