import type { Wire } from '@gatehouse/contract'
import { canonicalHostAddress } from '@gatehouse/kit'
import { parsePublicKeyLine } from '@gatehouse/ssh/wire'
import type { Client } from './client.ts'
import { CliError } from './cli-error.ts'

/** What of a host says whether it has a certificate. */
export type CertifiedHost = Pick<Wire<'sshHost.get'>, 'certifiedNames' | 'certifiedUntil' | 'formerHostKeys'>

/** Who says which key is a host's, beside the pin: the host CA, by one of the names that it has signed for. */
export interface Voucher {
  readonly name: string
  /** Type and base64. */
  readonly caKey: string
  /** Keys that are the host's no more, of which a certificate may be alive. */
  readonly formerKeys: readonly string[]
}

/** The names of a host for which it has a certificate now. */
export const certifiedNamesOf = ({ certifiedNames, certifiedUntil }: CertifiedHost, now: Date): readonly string[] =>
  certifiedNames && certifiedUntil && new Date(certifiedUntil) > now ? certifiedNames.map(checkedName) : []

/** The host CA as the server names it. */
export const hostCaKey = async (client: Client): Promise<string> =>
  keyWords((await client.call('sshCa.get', {})).hostCaPublicKey)

/** A key as it stands in `known_hosts`: type and base64, and nothing that could begin another line. */
const keyWords = (line: string): string => {
  const { type, blob } = parsePublicKeyLine(line)
  return `${type} ${Buffer.from(blob).toString('base64')}`
}

/** Keys that are the host's no more. */
export const formerKeysOf = ({ formerHostKeys }: Pick<CertifiedHost, 'formerHostKeys'>): readonly string[] =>
  formerHostKeys.map(keyWords)

/** The lines by which a client takes what a CA vouches for of these names, and none of the keys before. */
export const vouchedLines = (names: string, { caKey, formerKeys }: Omit<Voucher, 'name'>): readonly string[] => [
  ...formerKeys.map((key) => `@revoked ${names} ${key}`),
  `@cert-authority ${names} ${caKey}`,
]

/** Who vouches for a host now; null: nobody, and its pinned key alone counts. */
export const voucherOf = async (client: Client, host: CertifiedHost, now: Date): Promise<Voucher | null> => {
  const [name] = certifiedNamesOf(host, now)
  return name === undefined ? null : { name, caKey: await hostCaKey(client), formerKeys: formerKeysOf(host) }
}

/** A name that is a pattern would let the CA vouch for more than the host. */
export const checkedName = (name: string): string => {
  if (canonicalHostAddress(name) !== name)
    throw new CliError({ code: 'fault', message: "what the server says of a host's names is none" })
  return name
}
