import { chmod, mkdtemp, rm } from 'node:fs/promises'
import type { KeyObject } from 'node:crypto'
import { createServer, type Server, type Socket } from 'node:net'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { concatBytes, encodeString } from '../wire/binary.ts'
import type { Certificate } from '../wire/certificate.ts'
import { signEd25519 } from '../wire/ed25519.ts'
import { publicKeyOf } from '../wire/public-key.ts'
import {
  answerAgentRequest,
  newConnection,
  type AgentConnection,
  type AgentIdentity,
  type AgentSource,
} from './agent-protocol.ts'
import { splitMessages } from '../wire/framing.ts'

/** The one credential that an agent of ours speaks for. With a certificate, only the certificate is offered. */
export interface AgentCredential {
  readonly privateKey: KeyObject
  readonly certificate?: Pick<Certificate, 'blob'>
}

/** An agent that listens. `close` ends every connection and removes the socket. */
export interface ListeningAgent {
  /** Connections that are open now. */
  readonly connections: () => number
  /** Resolves once no connection is open; at once where none is. */
  readonly unused: () => Promise<void>
  readonly close: () => Promise<void>
}

/** A running agent. `close` ends every connection, forgets the key and removes the directory. */
export interface SshAgent {
  readonly socketPath: string
  /** A directory only we can read, for public files that must live as long as the agent (a `known_hosts`). */
  readonly directory: string
  close(): Promise<void>
}

/** Programs that work side by side each open one or two connections; a crowd is somebody else. */
const CONNECTIONS_MAX = 256

/**
 * Serves an in-process ssh-agent while `use` runs, so the system's ssh can prove possession of a key that is on no
 * disk.
 */
export const withAgent = async <T>(credential: AgentCredential, use: (agent: SshAgent) => Promise<T>): Promise<T> => {
  const agent = await openAgent(credential)
  try {
    return await use(agent)
  } finally {
    await agent.close()
  }
}

/** As `withAgent`, for callers with a lifetime of their own; they must close it. */
export const openAgent = async (credential: AgentCredential): Promise<SshAgent> => openAgentOf([identityOf(credential)])

/** An agent that shows these, in this order. */
export const openAgentOf = async (identities: readonly AgentIdentity[]): Promise<SshAgent> => {
  const source: AgentSource = { identities: () => Promise.resolve(identities) }
  // mkdtemp makes it 0700; nobody else can even see the socket. ssh refuses socket paths over about 100 characters, so
  // the name is short.
  const directory = await mkdtemp(join(tmpdir(), 'gh-'))
  const socketPath = join(directory, 'agent')
  const forget = (): Promise<void> => rm(directory, { recursive: true, force: true })
  try {
    const agent = await listenAsAgent(socketPath, source)
    return { socketPath, directory, close: () => agent.close().then(forget) }
  } catch (cause) {
    await forget()
    throw cause
  }
}

/** Refuses keys that are not Ed25519 here, where it can be caught, and not when the first signature is asked for. */
export const identityOf = ({ privateKey, certificate }: AgentCredential): AgentIdentity => {
  const plainKey = publicKeyOf(privateKey)
  return {
    blob: certificate?.blob ?? plainKey.blob,
    sign: (data) => signEd25519(privateKey, data),
    comment: 'gatehouse',
  }
}

/** Serves an agent at a path, in a directory that only its owner can enter. Nothing may be at the path. */
export const listenAsAgent = async (socketPath: string, source: AgentSource): Promise<ListeningAgent> => {
  const sockets = new Set<Socket>()
  const waiting = new Set<() => void>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('close', () => {
      sockets.delete(socket)
      if (sockets.size > 0) return
      for (const go of waiting) go()
      waiting.clear()
    })
    serve(socket, source)
  })
  server.maxConnections = CONNECTIONS_MAX
  server.listen(socketPath)
  await once(server, 'listening')
  await chmod(socketPath, 0o600)
  return {
    connections: () => sockets.size,
    unused: () => (sockets.size === 0 ? Promise.resolve() : new Promise((resolve) => waiting.add(resolve))),
    close: () => closeAll(server, sockets),
  }
}

/** One after the other: a binding counts for what comes behind it. */
const serve = (socket: Socket, source: AgentSource): void => {
  let waiting: Uint8Array = new Uint8Array()
  let connection: AgentConnection = newConnection
  let turn = Promise.resolve()
  const answer = async (message: Uint8Array): Promise<void> => {
    const answered = await answerAgentRequest(message, { source, connection })
    connection = answered.connection
    socket.write(encodeString(answered.message))
  }
  socket.on('error', () => socket.destroy())
  socket.on('data', (chunk: Uint8Array) => {
    const split = splitMessages(concatBytes(waiting, chunk))
    if (split === 'too-long') return socket.destroy()
    waiting = split.rest
    for (const message of split.messages) turn = turn.then(() => answer(message)).catch(() => void socket.destroy())
  })
}

const closeAll = async (server: Server, sockets: ReadonlySet<Socket>): Promise<void> => {
  const closed = server.listening ? once(server, 'close') : Promise.resolve()
  server.close()
  for (const socket of sockets) socket.destroy()
  await closed
}
