import type { Wire } from '@gatehouse/contract'
import { canonicalHostAddress } from '@gatehouse/kit'
import { parsePublicKeyLine } from '@gatehouse/ssh/wire'
import type { Client } from './client.ts'
import { CliError } from './cli-error.ts'

/** What of a host says whether it has a certificate. */
export type CertifiedHost = Pick<Wire<'sshHost.get'>, 'certifiedNames' | 'certifiedUntil'>

/** Who says which key is a host's, beside the pin: the host CA, by one of the names that it has signed for. */
export interface Voucher {
  readonly name: string
  /** Type and base64. */
  readonly caKey: string
}

/** The names of a host for which it has a certificate now. */
export const certifiedNamesOf = ({ certifiedNames, certifiedUntil }: CertifiedHost, now: Date): readonly string[] =>
  certifiedNames && certifiedUntil && new Date(certifiedUntil) > now ? certifiedNames.map(checkedName) : []

/** The host CA as the server names it. */
export const hostCaKey = async (client: Client): Promise<string> => {
  const { type, blob } = parsePublicKeyLine((await client.call('sshCa.get', {})).hostCaPublicKey)
  return `${type} ${Buffer.from(blob).toString('base64')}`
}

/** Who vouches for a host now; null: nobody, and its pinned key alone counts. */
export const voucherOf = async (client: Client, host: CertifiedHost, now: Date): Promise<Voucher | null> => {
  const [name] = certifiedNamesOf(host, now)
  return name === undefined ? null : { name, caKey: await hostCaKey(client) }
}

/** A name that is a pattern would let the CA vouch for more than the host. */
export const checkedName = (name: string): string => {
  if (canonicalHostAddress(name) !== name)
    throw new CliError({ code: 'fault', message: "what the server says of a host's names is none" })
  return name
}
