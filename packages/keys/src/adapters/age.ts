import { createHash, randomBytes } from 'node:crypto'
import { armor, Decrypter, Encrypter, generateX25519Identity, identityToRecipient } from 'age-encryption'
import { KekError } from '../kek-error.ts'
import type { KekTraits, KeyEncryptionKey } from '../kek.ts'
import { KeyError } from '../key-error.ts'
import { readPrivateFile } from '../private-file.ts'
import { dataKeyBytes } from '../wrap.ts'

/**
 * Native identities only, X25519 or the hybrid of ML-KEM-768 and X25519: a plugin's name is a program to run
 * (CVE-2024-56327).
 */
const identityLine = /^AGE-SECRET-KEY-(PQ-)?1[02-9AC-HJ-NP-Z]{58}$/
const hybridStart = 'AGE-SECRET-KEY-PQ-1'

/** age seals streams; a data key, or a few, is what is wrapped here. */
const traits: KekTraits = {
  plaintextBytesMax: 64 * 1024,
  purpose: 'checked-here',
  dataKeys: 'made-here',
  reach: 'local',
  quantum: 'unsafe',
}

/**
 * Reads the age identity from a private file. Throws `KeyError` when it is missing, exposed or not exactly one native
 * identity.
 */
export async function ageKek(path: string): Promise<KeyEncryptionKey> {
  const content = await readPrivateFile(path)
  if (content === null) throw new KeyError('missing', `there is no key encryption key at \`${path}\``)
  const identity = identityIn(content, path)
  const recipient = await identityToRecipient(identity).catch((cause: unknown) => {
    throw new KeyError('malformed', `\`${path}\` holds an age identity that is damaged`, { cause })
  })
  return {
    uri: `age:${path}`,
    fingerprint: `age:${createHash('sha256').update(recipient).digest('base64url')}`,
    traits: identity.startsWith(hybridStart) ? { ...traits, quantum: 'safe' } : traits,
    ...wrapping({ uri: `age:${path}`, path, identity, recipient }),
  }
}

/** The text of a new identity file, as `age-keygen` writes it. */
export async function newAgeIdentity(): Promise<string> {
  const identity = await generateX25519Identity()
  return (
    "# key encryption key of this Gatehouse: keep a copy where the database's backups are not\n" +
    `# public key: ${await identityToRecipient(identity)}\n${identity}\n`
  )
}

function identityIn(content: string, path: string): string {
  const lines = content
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
  const [identity] = lines
  if (lines.length !== 1 || identity === undefined || !identityLine.test(identity)) {
    throw new KeyError(
      'malformed',
      `\`${path}\` must hold exactly one line that starts with \`AGE-SECRET-KEY-1\` or \`${hybridStart}\``,
    )
  }
  return identity
}

interface AgeKey {
  readonly uri: string
  readonly path: string
  readonly identity: string
  readonly recipient: string
}

function wrapping(key: AgeKey): Pick<KeyEncryptionKey, 'wrap' | 'unwrap' | 'generate' | 'probe'> {
  return {
    wrap: (dataKey, purpose) => wrap(key, dataKey, purpose),
    unwrap: (wrapped, purpose) => unwrap(key, wrapped, purpose),
    generate: async (purpose) => {
      const dataKey = randomBytes(dataKeyBytes)
      return { dataKey, wrapped: await wrap(key, dataKey, purpose) }
    },
    probe: () => requireKept(key),
  }
}

/** It was read and is in memory, but nothing starts again once its file is gone. */
async function requireKept({ uri, path, identity }: AgeKey): Promise<void> {
  const content = await readPrivateFile(path).catch(() => null)
  if (content?.includes(identity) !== true) throw new KekError('not-kept', uri)
}

async function wrap({ uri, recipient }: AgeKey, dataKey: Uint8Array, purpose: string): Promise<string> {
  if (dataKey.length > traits.plaintextBytesMax) throw new KekError('too-long', uri)
  const encrypter = new Encrypter()
  encrypter.addRecipient(recipient)
  return armor.encode(await encrypter.encrypt(framed(dataKey, purpose)))
}

async function unwrap({ uri, identity }: AgeKey, wrapped: string, purpose: string): Promise<Uint8Array> {
  try {
    const decrypter = new Decrypter()
    decrypter.addIdentity(identity)
    return keyIn(await decrypter.decrypt(armor.decode(wrapped)), purpose)
  } catch (cause) {
    throw new KekError('unwrap-failed', uri, { cause })
  }
}

/** age has no associated data, so the purpose travels inside: its length first, so that no two pairs have one form. */
function framed(dataKey: Uint8Array, purpose: string): Uint8Array {
  const name = Buffer.from(purpose, 'utf8')
  const length = Buffer.alloc(2)
  length.writeUInt16BE(name.length)
  return Buffer.concat([length, name, dataKey])
}

function keyIn(frame: Uint8Array, purpose: string): Uint8Array {
  const bytes = Buffer.from(frame)
  const end = 2 + bytes.readUInt16BE(0)
  if (bytes.subarray(2, end).toString('utf8') !== purpose) throw new TypeError('wrapped for another purpose')
  return bytes.subarray(end)
}
