import { encodeBase64 } from './binary.ts'
import type { PublicKey } from './public-key.ts'

/** What a host says of itself. */
export interface HostReport {
  /** Of its pinned key. */
  readonly fingerprint: string
  readonly listVersion: number
  /** Fingerprints of the CAs that its `TrustedUserCAKeys` names, in the order of that file. */
  readonly trusts: readonly string[]
  /** The time that came with Gatehouse's last answer: a host's own clock may be wrong. */
  readonly heardAt: Date
}

/** For what a host signs its report (`ssh-keygen -Y sign -n`). */
export const HOST_REPORT_NAMESPACE = 'gatehouse-host-report'

/** For what a host signs that it wants its certificate renewed. */
export const HOST_CERTIFICATE_NAMESPACE = 'gatehouse-host-certificate'

/** The very bytes of that. */
export const hostRenewalText = ({ fingerprint, heardAt }: Pick<HostReport, 'fingerprint' | 'heardAt'>): string =>
  ['gatehouse host certificate 1', fingerprint, heardAt.toISOString(), ''].join('\n')

/** For what Gatehouse signs the revocation list (`ssh-keygen -Y verify -n`). */
export const REVOCATION_LIST_NAMESPACE = 'gatehouse-krl'

/** The very bytes that the host signs: lines, so that a shell can write them. */
export const hostReportText = ({ fingerprint, listVersion, trusts, heardAt }: HostReport): string =>
  ['gatehouse host report 1', fingerprint, listVersion, trusts.join(','), heardAt.toISOString(), ''].join('\n')

/** For what it signs which CAs hosts are to trust. */
export const TRUSTED_CAS_NAMESPACE = 'gatehouse-cas'

/** How the file of trusted CAs begins; its version follows. sshd takes such a line for a comment. */
export const TRUSTED_CAS_HEAD = '# gatehouse user cas '

/** How the line of one host's own set begins; the fingerprint of its key follows. */
export const TRUSTED_CAS_HOST = '# host '

/** As whom Gatehouse signs (`ssh-keygen -Y verify -I`). */
export const LIST_SIGNER = 'gatehouse'

/** The line by which `ssh-keygen -Y verify -f` takes what hosts need of this signer, and nothing else of theirs. */
export const allowedSignersLine = ({ type, blob }: PublicKey): string =>
  `${LIST_SIGNER} namespaces="${REVOCATION_LIST_NAMESPACE},${TRUSTED_CAS_NAMESPACE}" ${type} ${encodeBase64(blob)}`
