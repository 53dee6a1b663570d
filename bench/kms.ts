import { randomBytes, randomUUID } from 'node:crypto'
import { askOpenBao, startHome, startLastingOpenBao, type OpenBaoFacts } from '@gatehouse/testkit'
import { httpLoad } from './http-load.ts'
import { accessTokenOf, baseOf } from './log-in.ts'
import { throughputRows } from './kms-throughput.ts'
import { findCores, moveTo } from './one-core.ts'
import { compare, perSecond, readable, type Row, type Side } from './row.ts'

/** Callers at once, each on a connection of its own. */
const width = 16
/** Bytes that are encrypted: a certificate's key, or a page of settings. */
const plaintextBytes = 1024
/** As many as one call takes. */
const batchItems = 100
/** Calls of a round: some tenths of a second of each side. */
const calls = { single: 800, batch: 16 } as const

/** What both sides bind to a ciphertext. */
const context = { application: 'shop', file: 'config/production.yaml' } as const

/**
 * Encrypting 1 KiB with associated data over HTTP, each call in the audit log on disk and each ciphertext in the
 * census, against OpenBao's Transit on raft storage with a file of audit lines; batches against single calls; and what
 * is encrypted where it lies against openssl.
 */
export async function kmsBench(): Promise<Row[]> {
  const cores = findCores()
  // what is started now stays on the core where it starts: ours with its database, and the peer
  if (cores !== null) moveTo(cores.servers)
  const home = await startHome({ env: { GATEHOUSE_RATE_LIMIT_LOOPBACK: '0' } })
  const peer = await startLastingOpenBao()
  try {
    const [ours, transit] = [await ourKey(home.dev()), await peerKey(peer.facts)]
    if (cores !== null) moveTo(cores.client)
    const where = cores === null ? 'on all cores (there is no taskset)' : 'on one core'
    return [await single(ours.load(1), transit, where), await batch(ours, where), ...(await throughputRows())]
  } finally {
    if (cores !== null) moveTo(cores.all)
    await peer.stop()
    await home.remove()
  }
}

async function single(ours: Side, peer: Side, where: string): Promise<Row> {
  const { oursMicroseconds, peerMicroseconds, ratio } = await compare(ours, peer, calls.single)
  return {
    id: 'kms.single',
    what: `kms.encrypt of ${plaintextBytes} bytes with associated data, ${width} connections, each side ${where}`,
    ours: `${perSecond(oursMicroseconds)} calls/s, each in the audit log and in the census`,
    peer: `${perSecond(peerMicroseconds)} calls/s (OpenBao's Transit as its root, raft and an audit file)`,
    ratio: 1 / ratio,
    reads: "calls per second of ours in units of the peer's; at least 0.3 is what is asked",
  }
}

async function batch(ours: OurKey, where: string): Promise<Row> {
  const [many, one] = [perItem(ours.load(batchItems)), ours.load(1)]
  const { oursMicroseconds, peerMicroseconds, ratio } = await compare(many, one, calls.batch * batchItems)
  return {
    id: 'kms.batch',
    what: `one of ${batchItems} in a call of kms.encrypt, ${width} connections, ${where}`,
    ours: `${readable(oursMicroseconds)} an item`,
    peer: `${readable(peerMicroseconds)} (ours, one item in a call)`,
    ratio: 1 / ratio,
    reads: 'times as fast as single calls; at least 5 is what is asked',
  }
}

/** Whoever asks for so many items makes so many fewer calls. */
const perItem = ({ name, run }: Side): Side => ({ name, run: (items) => run(Math.ceil(items / batchItems)) })

const plaintext = (): string => randomBytes(plaintextBytes).toString('base64')

interface OurKey {
  /** Calls with so many items each. */
  readonly load: (items: number) => Side
}

async function ourKey(dev: Parameters<typeof accessTokenOf>[0]): Promise<OurKey> {
  const headers = { authorization: `Bearer ${await accessTokenOf(dev, 'Operator')}` }
  const name = `bench-${randomUUID().slice(0, 8)}`
  const made = await fetch(`${baseOf(dev)}/trpc/kmsKey.create`, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify({ name }),
  })
  if (!made.ok) throw new TypeError(`the key was not made: ${await made.text()}`)
  const url = `${baseOf(dev)}/trpc/kms.encrypt`
  return {
    load: (count) => {
      const items = Array.from({ length: count }, () => ({ plaintext: plaintext(), context }))
      return httpLoad('gatehouse', { url, headers, width, body: JSON.stringify({ key: name, items }) })
    },
  }
}

async function peerKey(facts: OpenBaoFacts): Promise<Side> {
  await askOpenBao(facts, { path: 'transit/keys/bench', body: { type: 'aes256-gcm96' } })
  const associated = Buffer.from(JSON.stringify(context)).toString('base64')
  return httpLoad('openbao', {
    url: `${facts.address}/v1/transit/encrypt/bench`,
    headers: { 'x-vault-token': facts.rootToken },
    width,
    body: JSON.stringify({ plaintext: plaintext(), associated_data: associated }),
  })
}
