import type { Raw, Wire } from '@gatehouse/contract'
import {
  formatPublicKey,
  generateEd25519,
  parseCertificate,
  parsePrivateKey,
  type AgentCredential,
} from '@gatehouse/ssh/wire'
import type { Cli } from './cli.ts'
import type { Client } from './client.ts'
import { renewedCredential, type RenewedCredential } from './renewed-credential.ts'
import { revokeAfterUse, type UsedCredential } from './revoke-after-use.ts'

/** A credential for one connection, and how to take it away. */
export interface SshCredential extends UsedCredential {
  readonly kind: 'certificate' | 'key'
  readonly leaseId: string
  readonly forAgent: AgentCredential
}

/** What is asked for; where it stands, the credential is made for. */
export type SshWish = Omit<Raw<'sshCertificate.sign'>, 'publicKey'>

/**
 * Gets a certificate, or on a host that Gatehouse reaches by its management key, and which trusts no CA of ours, a key
 * that is deployed there.
 */
export const issueSshCredential = (client: Client, host: Wire<'sshHost.get'>, wish: SshWish): Promise<SshCredential> =>
  host.access === 'ca' ? issueCertificate(client, wish) : issueKey(client, wish)

const issueCertificate = async (client: Client, wish: SshWish): Promise<SshCredential> => {
  const { privateKey, publicKey } = await generateEd25519()
  const signed = await client.call('sshCertificate.sign', { ...wish, publicKey: formatPublicKey(publicKey) })
  return {
    kind: 'certificate',
    leaseId: signed.leaseId,
    endsAt: new Date(signed.validBefore),
    forAgent: { privateKey, certificate: parseCertificate(signed.certificate) },
    revoke: (reason) => client.call('sshCertificate.revoke', { id: signed.id, reason }),
    revokeCommand: `gatehouse ssh-certificate revoke ${signed.id} --reason "connection ended"`,
  }
}

const issueKey = async (client: Client, wish: SshWish): Promise<SshCredential> => {
  const generated = await client.call('sshKey.generate', wish)
  const credential: SshCredential = {
    kind: 'key',
    leaseId: generated.leaseId,
    endsAt: new Date(generated.expiresAt),
    forAgent: { privateKey: parsePrivateKey(generated.privateKey).privateKey },
    revoke: (reason) => client.call('sshKey.revoke', { id: generated.id, reason }),
    revokeCommand: `gatehouse ssh-key revoke ${generated.id} --reason "connection ended"`,
  }
  try {
    await client.call('sshKey.deploy', { id: generated.id })
  } catch (error) {
    // the key is on no host; whether it could be revoked changes nothing about what is said
    await credential.revoke('could not be deployed').catch(() => null)
    throw error
  }
  return credential
}

/** One after the other, for as long as somebody asks; all are taken away at the end. */
export const renewedSshCredential = (cli: Cli, issue: () => Promise<SshCredential>): RenewedCredential<SshCredential> =>
  renewedCredential({
    now: cli.now,
    issue,
    revoke: (credential) => revokeAfterUse(cli, credential, 'connection ended'),
  })
