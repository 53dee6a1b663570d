import { createHash } from 'node:crypto'
import { secret, type Secret } from '@gatehouse/contract'
import type { Random, SealedPlace } from '@gatehouse/enforcement'

/** 256 bits: nobody guesses one, so no slow hash is needed to keep it. */
const tokenBytes = 32

/** A new invitation's token, and what is stored of it. */
export function createInvitationToken(random: Random): { readonly token: Secret<string>; readonly hash: Buffer } {
  const text = Buffer.from(random.bytes(tokenBytes)).toString('base64url')
  return { token: secret(text), hash: hashOfToken(text) }
}

/** What a token is found by. Of its very text: another spelling of the same bytes is another token. */
export const hashOfToken = (text: string): Buffer => createHash('sha256').update(text).digest()

/** The way in. The token stands behind `#`, which no browser sends: it is in no log, no `Referer` and no proxy. */
export const invitationUrl = (publicUrl: string, token: string): string =>
  `${publicUrl.replace(/\/$/, '')}/invite#${token}`

/** Where a token that waits to be mailed is sealed for. */
export const tokenPlace = (invitationId: string): SealedPlace => ({
  table: 'invitation',
  column: 'token',
  id: invitationId,
})
