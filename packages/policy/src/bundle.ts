import { createPrivateKey, createPublicKey, generateKeyPairSync, hash, sign, verify, type KeyObject } from 'node:crypto'
import { formatVerifier, noteVerifier, readSignatures, type NoteVerifier } from '@gatehouse/audit/verify'

// Signed policies: the directory as it is, and beside it one file that says what each of the others must be. Pure, so
// that the command line signs by the very code that gateways check by.

/** Where it lies in a policy directory. */
export const manifestFile = 'policies.manifest'

/** A file of a policy directory. */
interface BundledFile {
  readonly file: string
  readonly text: string
}

/** Who signs, and under which name. */
export interface BundleSigner {
  readonly privateKey: KeyObject
  readonly verifier: NoteVerifier
}

/** Something about a bundle that is not as it was signed. */
export interface BundleProblem {
  readonly file: string
  readonly message: string
}

/** A bundle that is as somebody signed it. */
export interface GoodBundle {
  readonly signedBy: string
  readonly signedAt: Date
}

/** The first line. No audit log and no export begins so: what is signed here is never taken for theirs. */
const title = 'gatehouse policy bundle v1'
/** Some 500 files with long names. */
const manifestCharactersMax = 200_000
const sha256Characters = 64

/** RFC 8410 §4: what stands before the 32 bytes of an Ed25519 public key in its DER form. */
const spkiPrefixBytes = 12

/** A new private key, as PEM. */
export const makeBundleKey = (): string =>
  generateKeyPairSync('ed25519').privateKey.export({ format: 'pem', type: 'pkcs8' }).toString()

/** Who signs by a private key in PEM. Null: it is no Ed25519 key, or the name is none. */
export function bundleSigner(pem: string, name: string): BundleSigner | null {
  if (!/^[^\s+\p{Cc}]{1,64}$/u.test(name)) return null
  try {
    const privateKey = createPrivateKey(pem)
    if (privateKey.asymmetricKeyType !== 'ed25519') return null
    const spki = createPublicKey(privateKey).export({ format: 'der', type: 'spki' })
    return { privateKey, verifier: noteVerifier(name, spki.subarray(spkiPrefixBytes)) }
  } catch {
    return null
  }
}

/** What `[cedar] bundle_keys` takes of it. */
export const bundleKeyText = ({ verifier }: BundleSigner): string => formatVerifier(verifier)

/** The files' manifest, signed (C2SP signed-note). */
export function signBundle(files: readonly BundledFile[], at: Date, { privateKey, verifier }: BundleSigner): string {
  const lines = bundled(files).map(({ file, text }) => `${hash('sha256', text)} ${file}`)
  const body = [title, `at ${at.toISOString()}`, ...lines.toSorted(byPath), ''].join('\n')
  const signature = sign(null, Buffer.from(body, 'utf8'), privateKey)
  return `${body}\n— ${verifier.name} ${Buffer.concat([verifier.keyId, signature]).toString('base64')}\n`
}

const bundled = (files: readonly BundledFile[]): readonly BundledFile[] =>
  files.filter(({ file }) => file !== manifestFile)

const pathIn = (line: string): string => line.slice(sha256Characters + 1)
const byPath = (one: string, two: string): number => (pathIn(one) < pathIn(two) ? -1 : 1)

/** What is wrong with a bundle, each file by its name; or who signed it, and when. */
export function checkBundle(
  files: readonly BundledFile[],
  keys: readonly NoteVerifier[],
): GoodBundle | { readonly problems: readonly BundleProblem[] } {
  const note = files.find(({ file }) => file === manifestFile)
  const wrong = (message: string) => ({ problems: [{ file: manifestFile, message }] })
  if (note === undefined)
    return wrong('is not there: only signed policies are taken here, see `gatehouse policy bundle`')
  const manifest = parseManifest(note.text)
  if (manifest === null) return wrong('is no manifest of policies: make it anew by `gatehouse policy bundle`')
  const { body, signatures, hashes, signedAt } = manifest
  const known = signatures.flatMap((signature) => {
    const key = keys.find(({ name, keyId }) => name === signature.name && Buffer.compare(keyId, signature.keyId) === 0)
    return key === undefined ? [] : [{ key, signature: signature.signature }]
  })
  if (known.length === 0)
    return wrong(
      `is signed by ${signatures.map(({ name }) => `\`${name}\``).join(', ')}, by none of the keys that are taken here`,
    )
  const good = known.find(({ key, signature }) => verify(null, Buffer.from(body, 'utf8'), key.publicKey, signature))
  if (good === undefined) return wrong(`was changed after \`${known[0]?.key.name ?? ''}\` signed it`)
  const problems = differences(bundled(files), hashes)
  return problems.length > 0 ? { problems } : { signedBy: good.key.name, signedAt }
}

interface Manifest {
  readonly body: string
  readonly signatures: readonly { readonly name: string; readonly keyId: Uint8Array; readonly signature: Uint8Array }[]
  readonly hashes: ReadonlyMap<string, string>
  readonly signedAt: Date
}

/** Null: it is none. Names in order, each once, so that one bundle has one manifest. */
function parseManifest(note: string): Manifest | null {
  const split = note.indexOf('\n\n')
  if (split < 0 || note.length > manifestCharactersMax) return null
  const body = note.slice(0, split + 1)
  const [first, atLine, ...lines] = body.slice(0, -1).split('\n')
  const at = /^at (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)$/.exec(atLine ?? '')?.[1]
  const signatures = readSignatures(note.slice(split + 2))
  const signedAt = new Date(at ?? Number.NaN)
  const isInOrder = lines.every((line, index) => index === 0 || byPath(lines[index - 1] ?? '', line) < 0)
  const isForm = lines.every((line) => /^[0-9a-f]{64} [^\p{Cc}]+$/u.test(line))
  if (first !== title || Number.isNaN(signedAt.getTime()) || signatures === null || !isForm || !isInOrder) return null
  const hashes = new Map(lines.map((line) => [pathIn(line), line.slice(0, sha256Characters)]))
  return hashes.size === lines.length ? { body, signatures, hashes, signedAt } : null
}

function differences(files: readonly BundledFile[], hashes: ReadonlyMap<string, string>): BundleProblem[] {
  const there = new Set(files.map(({ file }) => file))
  const missing = [...hashes.keys()].filter((file) => !there.has(file))
  return [
    ...files.flatMap(({ file, text }): BundleProblem[] => {
      const signed = hashes.get(file)
      if (signed === undefined) return [{ file, message: 'is here and was not signed' }]
      return signed === hash('sha256', text) ? [] : [{ file, message: 'was changed after it was signed' }]
    }),
    ...missing.map((file) => ({ file, message: 'was signed and is not here' })),
  ]
}
