import type { Wire } from '@gatehouse/contract'
import { leafHashOf, nodeHashOf } from '../audit/proof/tree.ts'
import { entries } from './audit-fixtures.ts'

type Entry = Wire<'audit.get'>
type Bytes = Uint8Array<ArrayBuffer>

const origin = 'gatehouse.example/audit'
const utf8 = (text: string): Bytes => new TextEncoder().encode(text)
const base64 = (bytes: Uint8Array): string => btoa(String.fromCharCode(...bytes))
const joined = (...parts: readonly Uint8Array[]): Bytes => new Uint8Array(parts.flatMap((part) => [...part]))

/** A log with one real entry in it: its key, the hashes beside that entry, and the signed root. */
async function makeLog(entry: Entry) {
  const pair = await crypto.subtle.generateKey('Ed25519', true, ['sign', 'verify'])
  if (!('privateKey' in pair)) throw new TypeError('no key pair')
  const key = joined(Uint8Array.of(1), new Uint8Array(await crypto.subtle.exportKey('raw', pair.publicKey)))
  const id = new Uint8Array(await crypto.subtle.digest('SHA-256', joined(utf8(`${origin}\n`), key))).slice(0, 4)
  const text = JSON.stringify({
    ...entry,
    decision: entry.decision && { ...entry.decision, version: 'v' },
    detail: null,
  })
  const { hashes, root, leaf } = await pathOf(text, entry.seq ?? 0)
  const size = (entry.seq ?? 0) + 1
  const body = `${origin}\n${size}\n${base64(root)}\n`
  const signature = new Uint8Array(await crypto.subtle.sign('Ed25519', pair.privateKey, utf8(body)))
  const hex = [...id].map((byte) => byte.toString(16).padStart(2, '0')).join('')
  return {
    text,
    leaf,
    hashes,
    root,
    size,
    note: `${body}\n— ${origin} ${base64(joined(id, signature))}\n`,
    publicKey: `${origin}+${hex}+${base64(key)}`,
  }
}

/** The last entry of a tree is always hashed from the right, where it has a sibling at all. */
async function pathOf(text: string, index: number): Promise<{ hashes: Bytes[]; root: Bytes; leaf: Bytes }> {
  const leaf = await leafHashOf(text)
  let node = leaf
  const hashes: Bytes[] = []
  for (let at = index; at > 0; at = Math.floor(at / 2)) {
    if (at % 2 === 0) continue
    const sibling = await leafHashOf(`subtree ${at}`)
    node = await nodeHashOf(sibling, node)
    hashes.push(sibling)
  }
  return { hashes, root: node, leaf }
}

const logs = new Map<string, ReturnType<typeof makeLog>>()

function logOf(id: string) {
  const entry = entries.find((one) => one.id === id) ?? entries[0]
  if (entry === undefined) throw new TypeError('the gallery has entries')
  const found = logs.get(entry.id) ?? makeLog(entry)
  logs.set(entry.id, found)
  return found
}

/** The proof of an entry, made anew for each visit of the gallery. */
export async function proofOf(id: string): Promise<Wire<'audit.proof'>> {
  const { text, leaf, hashes, root, size, note } = await logOf(id)
  return {
    index: size - 1,
    size,
    root: base64(root),
    checkpoint: note,
    leafHash: base64(leaf),
    entry: text,
    hashes: hashes.map(base64),
    proof: `c2sp.org/tlog-proof@v1\nindex ${size - 1}\n${hashes.map(base64).join('\n')}\n\n${note}`,
  }
}

/** The newest checkpoint, with the key that it is signed by. */
export async function checkpointOf(id: string): Promise<Wire<'audit.checkpoint'>> {
  const { root, size, note, publicKey } = await logOf(id)
  return { size, root: base64(root), at: null, checkpoint: note, publicKey, cosigned: null, witnesses: [] }
}
