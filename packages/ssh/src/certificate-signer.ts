import { backendRefusal } from '@gatehouse/secrets'
import type { Authorities, Ca } from './authorities.ts'
import type { SshHostRow } from './ssh-host.queries.ts'
import { signByAuthority, type VaultAuthorityDeps } from './vault-authority.ts'
import { readVaultAuthority, type StandingAuthority } from './vault-authority.queries.ts'
import {
  fingerprint,
  parsePublicKeyLine,
  randomSerial,
  signUserCertificate,
  type AskedCertificate,
  type SignedCertificate,
} from './wire/index.ts'

/** A certificate with who signed it; null: our own CA. */
export interface IssuedCertificate extends SignedCertificate {
  readonly signedBy: Pick<StandingAuthority, 'id' | 'name' | 'public_key'> | null
}

/** What signing for hosts needs. */
export interface SignerDeps extends VaultAuthorityDeps {
  readonly authorities: Authorities
}

/** A host, by what of it says who signs for it, and our own CAs as they have just been read. */
export interface SigningPlace {
  readonly host: Pick<SshHostRow, 'authority_id' | 'trusted_cas'>
  readonly cas: readonly Ca[]
}

/**
 * Signs for a host: by the authority that it names once it says that it trusts that CA, until then by ours, which every
 * host trusts. Where an authority does not sign as it is asked, nothing is signed.
 */
export async function signForHost(
  deps: SignerDeps,
  { host, cas }: SigningPlace,
  asked: AskedCertificate,
): Promise<IssuedCertificate> {
  const authority = await authorityFor(deps, host)
  if (authority === null) {
    const signer = await deps.authorities.signer(deps.db, cas)
    return { ...(await signUserCertificate({ ...asked, serial: randomSerial() }, signer)), signedBy: null }
  }
  try {
    return { ...(await signByAuthority(deps, authority, asked)), signedBy: authority }
  } catch (error) {
    throw backendRefusal(error)
  }
}

async function authorityFor({ db }: SignerDeps, host: SigningPlace['host']): Promise<StandingAuthority | null> {
  const row = host.authority_id === null ? null : await readVaultAuthority(db, host.authority_id)
  return row !== null && trusts(host, row.public_key) ? row : null
}

/** Whether a host says that it trusts a CA. */
export const trusts = ({ trusted_cas: trusted }: Pick<SshHostRow, 'trusted_cas'>, publicKey: string): boolean =>
  trusted?.includes(fingerprint(parsePublicKeyLine(publicKey))) === true
