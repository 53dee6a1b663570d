import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { concatBytes } from '../wire/binary.ts'
import { splitMessages } from '../wire/framing.ts'
import { identityCount, listRequest } from './agent-protocol.ts'

/** A connection to an agent that has keys. It stands until one of the two sides ends it. */
export interface JoinedAgent {
  /** Resolves when the connection is over, from whichever side. */
  readonly over: Promise<void>
  readonly leave: () => void
}

/** An agent that renews a credential first asks its server, and perhaps a host. */
const ANSWER_MS_MAX = 30_000

/** Null: nobody listens there, or nobody who has a key. */
export const joinAgent = async (socketPath: string): Promise<JoinedAgent | null> => {
  const socket = connect(socketPath)
  const over = new Promise<void>((resolve) => socket.once('close', () => resolve()))
  socket.on('error', () => socket.destroy())
  socket.setTimeout(ANSWER_MS_MAX, () => socket.destroy())
  const count = await Promise.race([askForCount(socket).catch(() => null), over.then(() => null)])
  if (count === null || count === 0) {
    socket.destroy()
    return null
  }
  socket.setTimeout(0)
  return { over, leave: () => void socket.destroy() }
}

/** Throws, or never answers, where the connection breaks: `over` tells. */
const askForCount = async (socket: Socket): Promise<number | null> => {
  socket.write(listRequest())
  let bytes: Uint8Array = new Uint8Array()
  for (;;) {
    const [chunk] = (await once(socket, 'data')) as [Uint8Array] // without an encoding these are bytes
    bytes = concatBytes(bytes, chunk)
    const split = splitMessages(bytes)
    if (split === 'too-long') return null
    if (split.messages[0] !== undefined) return identityCount(split.messages[0])
  }
}
