import { createHash, createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What a witness answers. */
interface Answer {
  readonly status: number
  readonly body: string
  readonly type?: string
}

/** A witness of C2SP tlog-witness that keeps to every word of it; written apart from what is tested against it. */
export interface TestWitness {
  readonly url: string
  /** Its verifier key (type 4). */
  readonly key: string
  /** What was posted to it. */
  readonly requests: string[]
  /** Size and root that it last co-signed. */
  state: { size: number; root: string }
  /** What it answers instead of what it should; null: what it should. */
  lie: Answer | null
  close(): Promise<void>
}

const spkiPrefix = Buffer.from('302a300506032b6570032100', 'hex')
const proofLinesMax = 63

/** Starts a witness of one log, whose verifier key (type 1) it is given. */
export async function startWitness(logKey: string, name = 'witness.test/w1'): Promise<TestWitness> {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  const raw = publicKey.export({ format: 'der', type: 'spki' }).subarray(spkiPrefix.length)
  const keyId = idOf(name, 4, raw)
  const key = `${name}+${keyId.toString('hex')}+${Buffer.concat([Uint8Array.of(4), raw]).toString('base64')}`
  const cosign = (body: string): string => {
    const time = Math.floor(Date.now() / 1000)
    const stamp = Buffer.alloc(8)
    stamp.writeBigUInt64BE(BigInt(time))
    const signature = sign(null, Buffer.from(`cosignature/v1\ntime ${time}\n${body}`), privateKey)
    return `— ${name} ${Buffer.concat([keyId, stamp, signature]).toString('base64')}\n`
  }
  const witness = { requests: [] as string[], state: { size: 0, root: '' }, lie: null as Answer | null }
  const server = createServer((request, response) => {
    void textOf(request).then((text) => {
      witness.requests.push(text)
      const isCall = request.method === 'POST' && request.url === '/add-checkpoint'
      const right = isCall ? addCheckpoint(text, { logKey, witness, cosign }) : { status: 404, body: '' }
      const { status, body, type = 'text/plain' } = witness.lie ?? right
      response.writeHead(status, { 'content-type': type }).end(body)
    })
  })
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  const { port } = server.address() as AddressInfo // it listens on a port
  return Object.assign(witness, {
    url: `http://127.0.0.1:${port}`,
    key,
    close: () =>
      new Promise<void>((closed) => {
        server.closeAllConnections()
        server.close(() => closed())
      }),
  })
}

async function textOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = []
  for await (const part of request) parts.push(part as Buffer) // no encoding was set
  return Buffer.concat(parts).toString('utf8')
}

interface Serving {
  readonly logKey: string
  readonly witness: Pick<TestWitness, 'state'>
  readonly cosign: (body: string) => string
}

/** The checks in the order of the specification. */
function addCheckpoint(text: string, { logKey, witness, cosign }: Serving): Answer {
  const [head = '', ...rest] = text.split('\n\n')
  const note = rest.join('\n\n')
  const [oldLine = '', ...proofLines] = head.split('\n')
  const old = /^old (0|[1-9]\d*)$/.exec(oldLine)?.[1]
  const hashes = proofLines.map((line) => Buffer.from(line, 'base64'))
  const areHashes = hashes.every((hash, index) => hash.length === 32 && hash.toString('base64') === proofLines[index])
  if (old === undefined || !areHashes || hashes.length > proofLinesMax) return { status: 400, body: '' }
  const [name = ''] = logKey.split('+')
  const [origin = '', sizeText = '', root = ''] = note.split('\n')
  if (origin !== name) return { status: 404, body: '' }
  const body = note.slice(0, note.indexOf('\n\n') + 1)
  if (!isSigned(body, note.slice(body.length + 1), logKey)) return { status: 403, body: '' }
  const [oldSize, size, { state }] = [Number(old), Number(sizeText), witness]
  if (oldSize > size) return { status: 400, body: '' }
  if (oldSize !== state.size || (oldSize === size && state.root !== root))
    return { status: 409, body: `${state.size}\n`, type: 'text/x.tlog.size' }
  const goesOn =
    oldSize === 0 || oldSize === size
      ? hashes.length === 0
      : isConsistent({
          oldSize,
          size,
          oldRoot: Buffer.from(state.root, 'base64'),
          root: Buffer.from(root, 'base64'),
          hashes,
        })
  if (!goesOn) return { status: 422, body: '' }
  witness.state = { size, root }
  return { status: 200, body: cosign(body) }
}

const idOf = (name: string, type: number, key: Uint8Array): Buffer =>
  createHash('sha256').update(`${name}\n`).update(Uint8Array.of(type)).update(key).digest().subarray(0, 4)

function isSigned(body: string, lines: string, logKey: string): boolean {
  const [name = '', , ...rest] = logKey.split('+')
  const raw = Buffer.from(rest.join('+'), 'base64').subarray(1)
  const publicKey = createPublicKey({ key: Buffer.concat([spkiPrefix, raw]), format: 'der', type: 'spki' })
  return lines.split('\n').some((line) => {
    const [dash, signer, encoded = ''] = line.split(' ')
    const bytes = Buffer.from(encoded, 'base64')
    const isOurs = dash === '—' && signer === name && bytes.subarray(0, 4).equals(idOf(name, 1, raw))
    return isOurs && verify(null, Buffer.from(body), publicKey, bytes.subarray(4))
  })
}

const nodeOf = (left: Buffer, right: Buffer): Buffer =>
  createHash('sha256').update(Uint8Array.of(1)).update(left).update(right).digest()

interface Claim {
  readonly oldSize: number
  readonly size: number
  readonly oldRoot: Buffer
  readonly root: Buffer
  readonly hashes: readonly Buffer[]
}

/** RFC 6962 §2.1.2, by its own recursion: both roots from the hashes, taken from the end. */
function isConsistent({ oldSize, size, oldRoot, root, hashes }: Claim): boolean {
  const left = [...hashes]
  const take = (): Buffer => left.pop() ?? Buffer.alloc(32)
  const both = (old: number, all: number, isWhole: boolean): { old: Buffer; all: Buffer } => {
    if (old === all) {
      const hash = isWhole ? oldRoot : take()
      return { old: hash, all: hash }
    }
    const split = 2 ** Math.floor(Math.log2(all - 1))
    const other = take()
    if (old <= split) {
      const inner = both(old, split, isWhole)
      return { old: inner.old, all: nodeOf(inner.all, other) }
    }
    const inner = both(old - split, all - split, false)
    return { old: nodeOf(other, inner.old), all: nodeOf(other, inner.all) }
  }
  const made = both(oldSize, size, true)
  return left.length === 0 && made.old.equals(oldRoot) && made.all.equals(root)
}
