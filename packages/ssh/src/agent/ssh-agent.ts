import { chmod, mkdtemp, rm } from 'node:fs/promises'
import type { KeyObject } from 'node:crypto'
import { createServer, type Server, type Socket } from 'node:net'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { concatBytes, encodeString } from '../wire/binary.ts'
import type { Certificate } from '../wire/certificate.ts'
import { publicKeyOf } from '../wire/public-key.ts'
import { answerAgentRequest, type AgentIdentity } from './agent-protocol.ts'
import { splitMessages } from '../wire/framing.ts'

/** The one credential that an agent of ours speaks for. With a certificate, only the certificate is offered. */
export interface AgentCredential {
  readonly privateKey: KeyObject
  readonly certificate?: Pick<Certificate, 'blob'>
}

/** A running agent. `close` ends every connection, forgets the key and removes the directory. */
export interface SshAgent {
  readonly socketPath: string
  /** A directory only we can read, for public files that must live as long as the agent (a `known_hosts`). */
  readonly directory: string
  close(): Promise<void>
}

/** ssh opens one or two connections; a crowd is somebody else. */
const CONNECTIONS_MAX = 16

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
export const openAgent = async (credential: AgentCredential): Promise<SshAgent> => {
  const identity = identityOf(credential)
  // mkdtemp makes it 0700; nobody else can even see the socket. ssh refuses socket paths over about 100 characters, so
  // the name is short.
  const directory = await mkdtemp(join(tmpdir(), 'gh-'))
  const socketPath = join(directory, 'agent')
  const sockets = new Set<Socket>()
  try {
    const server = createServer((socket) => serve(socket, identity, sockets))
    server.maxConnections = CONNECTIONS_MAX
    server.listen(socketPath)
    await once(server, 'listening')
    await chmod(socketPath, 0o600)
    return { socketPath, directory, close: () => closeAll(server, sockets, directory) }
  } catch (cause) {
    await rm(directory, { recursive: true, force: true })
    throw cause
  }
}

/** Refuses keys that are not Ed25519 here, where it can be caught, and not when the first signature is asked for. */
const identityOf = ({ privateKey, certificate }: AgentCredential): AgentIdentity => {
  const plainKey = publicKeyOf(privateKey)
  return { privateKey, blob: certificate?.blob ?? plainKey.blob, comment: 'gatehouse' }
}

const serve = (socket: Socket, identity: AgentIdentity, sockets: Set<Socket>): void => {
  sockets.add(socket)
  let waiting: Uint8Array = new Uint8Array()
  socket.on('close', () => sockets.delete(socket))
  socket.on('error', () => socket.destroy())
  socket.on('data', (chunk: Uint8Array) => {
    const split = splitMessages(concatBytes(waiting, chunk))
    if (split === 'too-long') return socket.destroy()
    waiting = split.rest
    for (const message of split.messages) socket.write(encodeString(answerAgentRequest(message, identity)))
  })
}

const closeAll = async (server: Server, sockets: ReadonlySet<Socket>, directory: string): Promise<void> => {
  const closed = server.listening ? once(server, 'close') : Promise.resolve()
  server.close()
  for (const socket of sockets) socket.destroy()
  await closed
  await rm(directory, { recursive: true, force: true })
}
