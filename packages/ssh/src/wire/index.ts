export type { AgentIdentity, AgentSource } from '../agent/agent-protocol.ts'
export { joinAgent, type JoinedAgent } from '../agent/ask-agent.ts'
export {
  identityOf,
  listenAsAgent,
  openAgent,
  withAgent,
  type AgentCredential,
  type ListeningAgent,
  type SshAgent,
} from '../agent/ssh-agent.ts'
export {
  AUTHORIZED_KEYS_BYTES_MAX,
  ManagedBlockError,
  readBlock,
  renderBlock,
  replaceBlock,
  type BlockProblem,
} from './authorized-keys-block.ts'
export {
  formatAuthorizedKey,
  parseAuthorizedKey,
  type AuthorizedKey,
  type AuthorizedKeyPermission,
} from './authorized-keys-line.ts'
export {
  formatCertificate,
  parseCertificate,
  parseCertificateBlob,
  type Certificate,
  type CertificateKind,
  type CertificateOptions,
} from './certificate.ts'
export {
  boundSshPrincipal,
  certificateKeyId,
  checkedKeyId,
  checkedSshPrincipals,
  KEY_ID_CHARS_MAX,
  SSH_PRINCIPALS_MAX,
} from './certificate-names.ts'
export { certificateProblems, type CertificateProblem, type CertificateQuestion } from './check-certificate.ts'
export { generateEd25519, signEd25519, verifySignature, type Ed25519KeyPair } from './ed25519.ts'
export {
  allowedSignersLine,
  HOST_CERTIFICATE_NAMESPACE,
  HOST_REPORT_NAMESPACE,
  hostRenewalText,
  hostReportText,
  LIST_SIGNER,
  REVOCATION_LIST_NAMESPACE,
  TRUSTED_CAS_HEAD,
  TRUSTED_CAS_HOST,
  TRUSTED_CAS_NAMESPACE,
  type HostReport,
} from './host-report.ts'
export { parseHostKeyLine, parseHostKeyLines, type HostKeyLine } from './host-key-line.ts'
export {
  buildRevocationList,
  isKeyRevoked,
  isRevoked,
  parseRevocationList,
  type RevocationList,
  type RevocationListRequest,
} from './krl.ts'
export { formatPrivateKey, parsePrivateKey } from './private-key.ts'
export {
  cleanComment,
  ed25519PublicKey,
  ed25519RawBytes,
  fingerprint,
  formatPublicKey,
  isSecurityKey,
  parsePublicKeyBlob,
  parsePublicKeyLine,
  parseUserPublicKey,
  publicKeyOf,
  toKeyObject,
  type PublicKey,
  type PublicKeyType,
  type StandingKey,
} from './public-key.ts'
export { certificateDifferences, type AskedCertificate } from './as-asked.ts'
export {
  ANY_SOURCE_ADDRESS,
  authorityOf,
  HOST_CERTIFICATE_SECONDS_MAX,
  randomSerial,
  signHostCertificate,
  signUserCertificate,
  userCertificateOptions,
  USER_CERTIFICATE_SECONDS_MAX,
  VALID_AFTER_BACKDATE_SECONDS,
  type CertificateAuthority,
  type CertificateExtension,
  type HostCertificateRequest,
  type SignedCertificate,
  type UserCertificateRequest,
} from './sign-certificate.ts'
export { canonicalSourceAddress, canonicalSourceAddresses, SOURCE_ADDRESSES_MAX } from './source-address.ts'
export { formatSshSignature, isSshSignatureOf, signSshMessage, type SshSignedMessage } from './ssh-signature.ts'
export { SshWireError, type SshWireErrorCode } from './ssh-wire-error.ts'
