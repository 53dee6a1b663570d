import { isSshAccount, sshAccountRule } from '@gatehouse/kit'

/** What a host is told about its Gatehouse. All of it was checked: it ends up in a script that runs as root. */
export interface HostSetup {
  readonly serverUrl: string
  /** The registered host's name. */
  readonly name: string
  /** The pinned key, type and base64, and its fingerprint. */
  readonly hostKey: string
  readonly fingerprint: string
  /** Accounts that certificates may name. */
  readonly accounts: readonly string[]
  /** Certificates name bare accounts here; sshd takes those by itself. */
  readonly unbound: boolean
  readonly caLine: string
  /** The CA of the authority that signs for it, beside ours; null: none does. */
  readonly authorityLine: string | null
  /** By which the host knows a revocation list as one of this Gatehouse. */
  readonly signersLine: string
  /** The CA that its own certificate has to be of. */
  readonly hostCaFingerprint: string
  /** A person has signed for it: it shows a certificate. */
  readonly certified: boolean
  readonly managementLine: string
  readonly access: 'ca' | 'managementKey'
  /** The account that Gatehouse logs in to. */
  readonly user: string
  readonly authorizedKeysPath: string | null
  readonly gatewayAddresses: readonly string[]
}

export const CA_PATH = '/etc/ssh/gatehouse_ca.pub'
export const KRL_PATH = '/etc/ssh/gatehouse.krl'
/** Held while a list takes the place of another. */
export const LOCK_PATH = '/etc/ssh/gatehouse.krl.lock'
/** What the host shows to clients, where it is certified. */
export const CERTIFICATE_PATH = '/etc/ssh/gatehouse_host-cert.pub'
/** Who may sign the list (`ssh-keygen -Y verify -f`). */
export const SIGNERS_PATH = '/etc/ssh/gatehouse_signers'
/** One file for each account, named after it. */
export const PRINCIPALS_PATH = '/etc/ssh/gatehouse_principals'

/** What sshd has to know. */
export const sshdLines = ({ unbound, certified }: Pick<HostSetup, 'unbound' | 'certified'>): readonly string[] => [
  `TrustedUserCAKeys ${CA_PATH}`,
  `RevokedKeys ${KRL_PATH}`,
  ...(unbound ? [] : [`AuthorizedPrincipalsFile ${PRINCIPALS_PATH}/%u`]),
  ...(certified ? [`HostCertificate ${CERTIFICATE_PATH}`] : []),
]

/** The line that lets an account's certificates in: for this very host and for no other. */
export const principalLine = ({ fingerprint }: Pick<HostSetup, 'fingerprint'>, account: string): string =>
  `${checkedAccount(account)}@${fingerprint}`

/** The line by which Gatehouse itself gets in where it has no certificate: sftp only, from its own addresses only. */
export const managementKeyLine = ({
  gatewayAddresses,
  managementLine,
}: Pick<HostSetup, 'gatewayAddresses' | 'managementLine'>): string =>
  `restrict,command="internal-sftp",from="${gatewayAddresses.join(',')}" ${managementLine}`

/** An account that may stand in a file of sshd and in a script. */
const checkedAccount = (account: string): string => {
  if (!isSshAccount(account)) throw new TypeError(sshAccountRule)
  return account
}
