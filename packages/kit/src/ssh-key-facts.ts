import { Buffer } from 'node:buffer'

/** What policies look at of a public key. */
export interface SshKeyFacts {
  /** As it stands at the beginning of its line, such as `ssh-ed25519`; empty for what is no line of a key. */
  readonly type: string
  /** How long it is as people count it: of RSA the modulus, of curves the field. */
  readonly bits: number
  /** It is of a FIDO authenticator, which somebody has to touch. */
  readonly security: boolean
}

const none: SshKeyFacts = { type: '', bits: 0, security: false }

/** Length by type, where the type says it. */
const bitsOfType: Readonly<Record<string, number>> = {
  'ssh-ed25519': 256,
  'sk-ssh-ed25519@openssh.com': 256,
  'ecdsa-sha2-nistp256': 256,
  'sk-ecdsa-sha2-nistp256@openssh.com': 256,
  'ecdsa-sha2-nistp384': 384,
  'ecdsa-sha2-nistp521': 521,
}

/**
 * The facts of a public key's line in OpenSSH's format, by the key itself. Whether it is a right one, and of the type
 * that its line says, whoever uses it checks.
 */
export function sshKeyFacts(line: string): SshKeyFacts {
  const base64 = line.trim().split(/[ \t]+/)[1]
  if (base64 === undefined) return none
  const [type, , modulus] = stringsIn(Buffer.from(base64, 'base64'))
  if (type === undefined) return none
  const name = type.toString('latin1')
  const bits = name === 'ssh-rsa' ? bitsOf(modulus ?? Buffer.alloc(0)) : (bitsOfType[name] ?? 0)
  return bits === 0 ? none : { type: name, bits, security: name.startsWith('sk-') }
}

/** RFC 4251 §5: each with its length before it. What is cut short is none. */
function stringsIn(blob: Buffer): Buffer[] {
  const found: Buffer[] = []
  for (let at = 0; at + 4 <= blob.length;) {
    const end = at + 4 + blob.readUInt32BE(at)
    if (end > blob.length) break
    found.push(blob.subarray(at + 4, end))
    at = end
  }
  return found
}

const bitsOf = (number: Buffer): number =>
  number.length === 0 ? 0 : BigInt(`0x${number.toString('hex')}`).toString(2).length
