import type { Wire } from '@gatehouse/contract'
import { inMinutes } from './moments.ts'
import { me } from './people-fixtures.ts'

const day = 1440
type Authenticator = Wire<'authenticator.list'>['items'][number]
const facts = {
  passkey: true,
  backupEligible: true,
  backedUp: true,
  userVerified: true,
  aaguid: 'fbfc3007-154e-4ecc-8c0b-6e020557d7bd',
  model: 'iCloud Keychain',
}

/**
 * Authenticators of the gallery: a passkey that is synced, a security key, an app, and one whose first code was never
 * typed.
 */
export const authenticators: readonly Authenticator[] = [
  {
    id: 'a4',
    kind: 'webauthn',
    name: 'work laptop',
    confirmed: true,
    createdAt: inMinutes(-3 * day),
    lastUsedAt: inMinutes(-20),
    webauthn: facts,
  },
  {
    id: 'a3',
    kind: 'webauthn',
    name: 'blue key on my ring',
    confirmed: true,
    createdAt: inMinutes(-40 * day),
    lastUsedAt: inMinutes(-9 * day),
    webauthn: {
      ...facts,
      passkey: false,
      backupEligible: false,
      backedUp: false,
      aaguid: 'cb69481e-8ff7-4039-93ec-0a2729a154a8',
      model: 'YubiKey 5',
    },
  },
  {
    id: 'a1',
    kind: 'totp',
    name: 'authenticator app',
    confirmed: true,
    createdAt: inMinutes(-60 * day),
    lastUsedAt: inMinutes(-2 * day),
    webauthn: null,
  },
]

/** Whether MFA is on, in the gallery: with several authenticators, and with none. */
export const mfaStatus: Wire<'mfa.status'> = {
  enrolled: true,
  required: true,
  methods: ['webauthn', 'totp', 'backupCode'],
  authenticators: 3,
}
export const mfaNone: Wire<'mfa.status'> = { enrolled: false, required: false, methods: [], authenticators: 0 }

/** Backup codes of the gallery. */
export const backupCodeStatus: Wire<'backupCode.status'> = {
  confirmed: true,
  total: 10,
  left: 8,
  confirmedAt: inMinutes(-39 * day),
}
export const backupCodesLow: Wire<'backupCode.status'> = { ...backupCodeStatus, left: 2 }
export const backupCodesNone: Wire<'backupCode.status'> = { confirmed: false, total: 0, left: 0, confirmedAt: null }

/** Codes that open nothing. */
export const backupCodes: Wire<'backupCode.regenerate'> = {
  id: 'b1',
  codes: Array.from({ length: 10 }, (_, index) => `demo-code-only-${String(index).repeat(4)}`),
  confirmBefore: inMinutes(60),
}

type Token = Wire<'apiToken.get'>
const token = (id: string, over: Partial<Token>): Token => ({
  id,
  name: 'nightly report',
  ownerType: 'User',
  owner: me.id,
  ownerName: me.username,
  purpose: 'weekly lease report',
  hint: 'ghu_4kTr',
  scopes: ['read'],
  sourceAddresses: [],
  bound: false,
  state: 'active',
  createdAt: inMinutes(-12 * day),
  expiresAt: inMinutes(78 * day),
  lastUsedAt: inMinutes(-430),
  lastUsedAddress: '10.0.0.17',
  endedAt: null,
  reason: null,
  ...over,
})

/** The person's own tokens, in the gallery. */
export const tokens: readonly Token[] = [
  token('mt1', {}),
  token('mt2', {
    name: 'office dashboard',
    hint: 'ghu_9aBc',
    scopes: ['lease.list', 'sshHost.*'],
    sourceAddresses: ['10.0.0.0/24'],
    bound: true,
    expiresAt: inMinutes(5 * day),
  }),
  token('mt3', {
    name: 'trial',
    hint: 'ghu_00Zz',
    state: 'revoked',
    endedAt: inMinutes(-day),
    reason: 'no longer needed',
  }),
]

type Notice = Wire<'notification.list'>['items'][number]

/** Notices of the gallery. */
export const notices: readonly Notice[] = [
  {
    id: 'n3',
    kind: 'newSession',
    text:
      'A new session was opened for your account from 10.0.0.21 with Firefox 150 on Linux. If that was not you, ' +
      'end it (gatehouse session revoke 019ad38e-1f2a-7c3b-8d4e-5f6071829304) and change your password.',
    createdAt: inMinutes(-47),
    readAt: null,
  },
  {
    id: 'n2',
    kind: 'authenticatorAdded',
    text: 'The passkey “work laptop” was added to your account.',
    createdAt: inMinutes(-3 * day),
    readAt: null,
  },
  {
    id: 'n1',
    kind: 'passwordChanged',
    text: 'Your password was changed.',
    createdAt: inMinutes(-20 * day),
    readAt: inMinutes(-19 * day),
  },
]

/** A device that asks to be let in, in the gallery. */
export const deviceGrant: Wire<'auth.deviceApprove'> = {
  purpose: 'login',
  userCode: 'BCDF-GHJK',
  client: 'gatehouse',
  address: '10.0.0.21',
  device: 'gatehouse/0.1.0 (linux)',
  requestedAt: inMinutes(-1),
  expiresAt: inMinutes(9),
  state: 'waiting',
}
