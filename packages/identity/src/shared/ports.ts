import type { KeyObject } from 'node:crypto'
import type { Secret } from '@gatehouse/contract'
import type { Store } from '@gatehouse/database'
import type { Authenticator, CallFacts, ServicePrincipal, UserPrincipal } from '@gatehouse/enforcement'
import type { JSONWebKeySet } from 'jose'
import type { AccessClaims } from './access-claims.ts'

/** The keys that access tokens are signed and checked with. All nodes of one database have the same. */
export interface SigningKeys {
  /** The key that signs now, asked of the transaction that gives the token out: it holds the only connection it may. */
  within(tx: Store): Promise<SigningKey>
  /** The public key of that name while its tokens are accepted; null: there is none, here or in the database. */
  find(kid: string): Promise<KeyObject | null>
  /** The document for `/.well-known/jwks.json`: what is accepted, and what will be next, before it is used. */
  jwks(): Promise<JSONWebKeySet>
  /** Looks at the database now: this node has just changed the keys. */
  refresh(): Promise<void>
}

/** What signs. */
export interface SigningKey {
  readonly kid: string
  readonly privateKey: KeyObject
}

/** An emergency session that is alive at this moment. */
export interface EmergencyStanding {
  readonly id: string
  readonly tokenId: string
  readonly workspace: string
  readonly actions: readonly string[]
  readonly incident: string
  readonly keyThumbprint: string | null
  readonly activatedAt: Date
  readonly expiresAt: Date
  /** It began minutes ago: its second factor is still fresh. */
  readonly isFresh: boolean
  /** What was approved for it is locked: nothing is done by it while it is. */
  readonly isLocked: boolean
}

/** Knows emergency sessions, by their rows as they are at each call. */
export interface EmergencySessions {
  /** Null: it has ended, by whatever clock or hand, or one of its people may not log in any more. */
  find(shown: {
    readonly id: string
    readonly tokenId: string
    readonly userId: string
    /** A use keeps it from ending for want of use; a look does not. */
    readonly occasion: 'use' | 'look'
  }): Promise<EmergencyStanding | null>
}

/** Hashes and checks passwords, few at a time. All throw `Refusal('unavailable')` when too many wait. */
export interface PasswordHashing {
  hash(password: Secret<string>): Promise<string>
  /** Takes as long for a null hash (an unknown name), or none yet, as for one of ours, and answers false. */
  matches(hashed: string | null, password: Secret<string>): Promise<boolean>
  /** True when a right password should be stored anew: by another algorithm than today's, or at another cost. */
  isOutdated(hashed: string): boolean
  /** The same hash for the same text and salt, so that a row can be found by it. */
  derive(text: Secret<string>, salt: Uint8Array): Promise<Buffer>
}

/**
 * What is being guessed. Passwords and codes are counted apart: who knows the password must not get more codes by it.
 */
export type GuessKind = 'password' | 'code'

/** Where a guess comes from. Without it a guess counts as a stranger's from nowhere. */
export type GuessSource = Pick<CallFacts, 'address' | 'device'>

/**
 * Counts guesses per account, over all its spellings, transports and addresses, on every node. Passwords are counted
 * per address beside it,
 * and a device that the person has logged in with has a counter of its own: whoever uses up the account's does not shut
 * the person out.
 */
export interface GuessThrottle {
  /**
   * Claims one guess before it is evaluated, in a transaction of its own: no refusal, crash or race gives it back.
   * Throws `Refusal('rate-limited')` when the guesses are used up.
   */
  claim(kind: GuessKind, username: string, source?: GuessSource): Promise<void>
  /** Forgets the guesses of one kind after a right one; of an address only this one. */
  succeed(kind: GuessKind, username: string, source?: GuessSource): Promise<void>
  /** Takes one claim back: it was no guess, since whoever made it holds what was asked for, or it was not evaluated. */
  giveBack(kind: GuessKind, username: string, source?: GuessSource): Promise<void>
}

/**
 * Counts failures to prove who one is, of all kinds together, and tells people once a window when there are too many.
 */
export interface AuthFailures {
  /** Notes one. `userId` null: nobody has the name; the same work is done, and nobody told. */
  note(failure: { readonly username: string; readonly userId: string | null }): Promise<void>
}

/** What a request shows beside an API token: some tokens are good only together with it. */
export interface CallOrigin {
  readonly address: string
  /** Thumbprint (RFC 7638) of the key that this request proved to hold; null: none. */
  readonly keyThumbprint: string | null
}

export type TokenCaller = UserPrincipal | ServicePrincipal

/** What an API token proves. Whatever is wrong with one, the refusal is the same `unauthenticated` (threat A4). */
export interface ApiTokenProver {
  /** Who calls with the token, from there. */
  prove(token: string, from: CallOrigin): Promise<TokenCaller>
  /** The same caller as they stand now. Throws for one who was not proved here. */
  recheck(principal: TokenCaller, from: CallOrigin): Promise<TokenCaller>
  /** What the token is worth to who shows it from there, or `wherever` it is shown. Not a use of it. */
  inspect(
    token: string,
    from: CallOrigin | 'wherever',
  ): Promise<{ readonly principal: TokenCaller; readonly issuedAt: Date }>
}

/** The port's authenticator, and what `auth.verify` needs beyond it. */
export interface AccessTokenAuthenticator extends Authenticator {
  /**
   * What a good access token says, and who it proves. Throws `Refusal('unauthenticated')` for any other. It is only
   * looked at, not used.
   */
  inspect(token: string): Promise<{ readonly claims: AccessClaims; readonly principal: UserPrincipal }>
  /** The same of API tokens. */
  readonly inspectApiToken: ApiTokenProver['inspect']
}
