import { secret, type Secret } from '@gatehouse/contract'
import { armor, Decrypter, Encrypter, generateX25519Identity, identityToRecipient } from 'age-encryption'
import type { KeyName, KeyService } from './key-service.ts'
import { stanzaOf } from './metadata.ts'
import { SopsError } from './sops-error.ts'

// Native keys only. What stands between `age1` and the last `1` of any other recipient is the name of a program to run
// (CVE-2024-56327), and nobody's file may choose that.
const bech32 = '[02-9ac-hj-np-z]'
const recipientText = new RegExp(`^(?:age1${bech32}{58}|age1pq1${bech32}{1952})$`)
const identityText = /^(?:AGE-SECRET-KEY-1|AGE-SECRET-KEY-PQ-1)[02-9AC-HJ-NP-Z]{58}$/

/** A wrapped data key is some hundred bytes; a post-quantum one some thousand. */
const wrappedCharsMax = 16_384

/** Recipients as they are typed: several with commas between them. Throws `bad-recipient`. */
export const ageRecipients = (text: string): readonly KeyName[] =>
  text
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '')
    .map(ageRecipient)

const ageRecipient = (recipient: string): KeyName => {
  if (!recipientText.test(recipient)) throw new SopsError('bad-recipient', whyNot(recipient))
  return { type: 'age', fields: [['recipient', recipient]] }
}

const whyNot = (recipient: string): string => {
  const shown = recipient.slice(0, 80)
  if (recipient.startsWith('ssh-')) return `\`${shown}\` is an SSH key; make an age key for it with age-keygen`
  if (/^AGE-/i.test(recipient)) return 'an age identity is secret and no recipient; its recipient starts with `age1`'
  return `\`${shown}\` is no native age recipient; those of plugins would run a program and are refused`
}

/** The identities of a key file: one a line, comments between them. Throws `bad-recipient` for any other line. */
export const ageIdentities = (content: string): readonly Secret<string>[] =>
  content
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      if (!identityText.test(line)) throw new SopsError('bad-recipient', whyNoIdentity(line))
      return secret(line)
    })

/** What people take for an identity, by how it begins; the line itself may be secret and is not shown. */
const mistaken: readonly (readonly [RegExp, string])[] = [
  [
    /^(-----BEGIN AGE ENCRYPTED FILE|age-encryption\.org)/,
    'an age key file is protected by a passphrase: give what is in it by SOPS_AGE_KEY="$(age --decrypt FILE)"',
  ],
  [/^age1/, 'an age key file holds a recipient, which is public; an identity starts with `AGE-SECRET-KEY-`'],
  [/^(ssh-|-----BEGIN OPENSSH)/, 'an SSH key is no age identity; make one with age-keygen'],
  [/^AGE-PLUGIN-/i, 'an age key file holds the identity of a plugin, which would run a program and is refused'],
  [/^[~/.]/, 'what stands for an age key is the name of a file: name it in SOPS_AGE_KEY_FILE'],
]

const whyNoIdentity = (line: string): string =>
  mistaken.find(([beginning]) => beginning.test(line))?.[1] ?? 'an age key file holds a line that is no native identity'

/** The public side of an identity. */
export const recipientOf = (identity: Secret<string>): Promise<string> =>
  identityToRecipient(identity.expose()).catch((cause: unknown) => {
    throw new SopsError('bad-recipient', 'an age identity is damaged', { cause })
  })

/** age: wraps for any recipient, unwraps by the identities at hand. */
export const ageKeys = (identities: readonly Secret<string>[]): KeyService => ({
  type: 'age',
  wrap: async ({ fields }, dataKey) => {
    const recipient = Object.fromEntries(fields)['recipient'] ?? ''
    ageRecipient(recipient)
    const encrypter = new Encrypter()
    encrypter.addRecipient(recipient)
    return stanzaOf('age', [...fields, ['enc', armor.encode(await encrypter.encrypt(dataKey.expose()))]])
  },
  unwrap: async ({ fields }) => {
    const { enc = '' } = fields
    if (identities.length === 0) return null
    if (enc.length > wrappedCharsMax)
      throw new SopsError('malformed', 'an age key has a wrapped data key that is too long')
    const decrypter = new Decrypter()
    for (const identity of identities) decrypter.addIdentity(identity.expose())
    try {
      return secret(await decrypter.decrypt(armor.decode(enc)))
    } catch {
      return null // made for another key, or broken: the library tells the two apart by its texts only
    }
  },
})

/** The text of a new key file, as age-keygen writes it. */
export const newAgeKeyFile = async (): Promise<string> => {
  const identity = await generateX25519Identity()
  return `# public key: ${await identityToRecipient(identity)}\n${identity}\n`
}
