import type { Wire } from '@gatehouse/contract'
import { durationText } from '@gatehouse/kit'
import { joinWords } from '../../words.ts'
import { consequenceWords, revocabilityWords } from '../leases/lease-words.ts'
import type { Lease } from '../leases/live-leases.ts'

export type Host = Wire<'sshHost.get'>
export type Role = Wire<'secretRole.get'>

/** What is issued for a host. */
export type SshKind = 'key' | 'certificate' | 'otp'

/** What a credential will be able to do and how it ends, before there is one. */
export interface Terms {
  readonly can: string
  readonly lives: string
  /** What happens when its time is up. */
  readonly end: string
  /** What happens when somebody revokes it before. */
  readonly early: string
}

const backendOf = { key: 'ssh-key', certificate: 'ssh-certificate', otp: 'ssh-otp' } as const

const ends: Readonly<Record<Lease['backend'], string>> = {
  'ssh-key': 'The host itself refuses the key, and Gatehouse removes it from the host.',
  'ssh-certificate': 'The host itself refuses the certificate.',
  'ssh-otp': 'The host is told that the password is not good.',
  postgres: 'The login is removed and its connections are cut. The server itself lets nobody log in with it any more.',
  vault: 'The Vault takes it away, by itself if Gatehouse cannot be reached.',
  aws: 'AWS ends the session by itself.',
  upcloud: 'UpCloud ends the token by itself, and the sub-account that it was of is deleted.',
}

const livesWords = (seconds: number): string => `${durationText(seconds)}, and not longer than your session.`

interface SshWish {
  readonly kind: SshKind
  readonly host: Pick<Host, 'name' | 'sourceAddresses'>
  readonly account: string
  readonly ttlSeconds: number
}

const how: Readonly<Record<SshKind, string>> = {
  key: ' with the private key that you are shown',
  certificate: ' with your own private key',
  otp: ' once, with the password that you are shown',
}

/** What somebody gets for a host. */
export const sshTerms = ({ kind, host, account, ttlSeconds }: SshWish): Terms => ({
  can: `Log in to ${host.name} as ${account}${how[kind]}, from ${joinWords(host.sourceAddresses)}.`,
  lives: livesWords(ttlSeconds),
  end: ends[backendOf[kind]],
  early: `Can be revoked. ${consequenceWords({ backend: backendOf[kind] })}`,
})

/** What credentials of a role can do. */
export function canWords(role: Role): string {
  const { postgres, vault, aws, upcloud, backend } = role
  if (postgres !== null)
    return (
      `Log in to the PostgreSQL server ${backend} with the rights of ${joinWords(postgres.grants)}, ` +
      `with at most ${postgres.connectionsMax} connections at once.`
    )
  if (vault !== null) return `Whatever ${vault.path} of the Vault ${backend} gives. Gatehouse does not look into that.`
  if (aws !== null) {
    const rights = aws.policy === null ? 'all its rights' : 'what its session policy leaves of its rights'
    return `Act as ${aws.roleArn} in AWS, with ${rights}.`
  }
  if (upcloud !== null)
    return `Use the API of UpCloud for ${joinWords(upcloud.permissions.map(targetWords))}${fromWords(upcloud)}.`
  return 'Nothing: the role says nothing.'
}

type Upcloud = NonNullable<Role['upcloud']>

const targetWords = ({ targetType, target }: Upcloud['permissions'][number]): string =>
  `${targetType.replaceAll('_', ' ')} ${target}`

const fromWords = ({ addresses }: Upcloud): string => (addresses.length === 0 ? '' : `, from ${joinWords(addresses)}`)

/** What somebody gets of a role. */
export const roleTerms = (role: Role, ttlSeconds: number): Terms => ({
  can: canWords(role),
  lives: role.renewable
    ? `${livesWords(ttlSeconds)} It can be renewed up to ${durationText(role.ttlSecondsMax)} after it was issued.`
    : livesWords(ttlSeconds),
  end: ends[role.kind],
  early: `${revocabilityWords(role)} ${consequenceWords({ backend: role.kind })}`,
})

const ttlsSeconds = [300, 900, 1800, 3600, 7200, 14_400, 28_800, 43_200, 86_400] as const

const ttlOption = (seconds: number): readonly [string, string] => [String(seconds), durationText(seconds)]

/** Nobody is given a one-time password for longer. */
const otpSecondsMax = 3600

/** How long a credential for a host can be had for. */
export const sshTtls = (kind: SshKind): readonly (readonly [string, string])[] =>
  ttlsSeconds.filter((seconds) => kind !== 'otp' || seconds <= otpSecondsMax).map(ttlOption)

/** The same of a role; its longest is always among them. */
export function roleTtls({ ttlSecondsMin, ttlSecondsMax }: Pick<Role, 'ttlSecondsMin' | 'ttlSecondsMax'>) {
  const between = ttlsSeconds.filter((seconds) => seconds >= ttlSecondsMin && seconds < ttlSecondsMax)
  return [...between, ttlSecondsMax].map(ttlOption)
}

const wrapsSeconds = [300, 900, 3600, 14_400, 86_400] as const

/** Who opens it: the person here, or somebody else within a time that is no longer than the credential lives. */
export const wrapOptions = (ttlSeconds: number): readonly (readonly [string, string])[] => [
  ['', 'Me: show it here'],
  ...wrapsSeconds
    .filter((seconds) => seconds <= ttlSeconds)
    .map((seconds) => [String(seconds), `Someone else: wrapped for ${durationText(seconds)}`] as const),
]

const hourSeconds = 3600

/** What is chosen before anybody has: an hour, or as long as the role gives. */
export const firstRoleTtl = ({ ttlSecondsMax }: Pick<Role, 'ttlSecondsMax'>): string =>
  String(Math.min(hourSeconds, ttlSecondsMax))

/** Why a host gives no one-time passwords; null: it does. */
export const whyNoOtp = ({ name, otpAddresses }: Pick<Host, 'name' | 'otpAddresses'>): string | null =>
  otpAddresses.length > 0
    ? null
    : `${name} takes no one-time passwords: nobody has said from which addresses it asks about them.`
