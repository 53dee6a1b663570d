import { identityOf, joinAgent, listenAsAgent } from '@gatehouse/ssh/wire'
import { clearSocket } from './ssh-place.ts'
import type { RenewedCredential } from './renewed-credential.ts'
import type { SshCredential } from './ssh-credential.ts'
import { withFileLock } from './with-file-lock.ts'

/** An agent at a path that ssh knows beforehand, and what it speaks for. */
export interface AgentWish {
  readonly socketPath: string
  readonly directory: string
  readonly credential: RenewedCredential<Pick<SshCredential, 'forAgent'>>
}

interface Part {
  /** Resolves when it is over without our doing: who held it has died. */
  readonly lost: Promise<unknown>
  readonly release: () => Promise<void>
}

/**
 * Sees to it that an agent for this host listens until it is released. Connections to one account of one host that
 * stand at the same time have one agent, since ssh knows it by one path: the first holds it, the others join it, and it
 * ends with the last. Where the holder is killed, one of the others takes its place.
 */
export const shareAgent = async (wish: AgentWish): Promise<{ readonly release: () => Promise<void> }> => {
  let released = false
  let part = await takePart(wish)
  const watch = (): void => {
    void part.lost
      .then(async () => {
        if (released) return
        part = await takePart(wish)
        watch()
      })
      .catch(() => {}) // nobody is left to be told: the connection stands without an agent
  }
  watch()
  return {
    release: async () => {
      released = true
      await part.release()
    },
  }
}

const lockOf = ({ socketPath }: AgentWish): { path: string; what: string } => ({
  path: socketPath,
  what: 'the SSH agent of this host',
})

const takePart = (wish: AgentWish): Promise<Part> =>
  withFileLock(lockOf(wish), async () => {
    const joined = await joinAgent(wish.socketPath)
    if (joined === null) return holdAgent(wish)
    return { lost: joined.over, release: () => Promise.resolve(joined.leave()) }
  })

/** What cannot be issued is said here, before ssh finds an agent without a key. */
const holdAgent = async (wish: AgentWish): Promise<Part> => {
  const { socketPath, directory, credential } = wish
  await credential.current()
  await clearSocket(socketPath, directory)
  const agent = await listenAsAgent(socketPath, {
    identities: () =>
      credential.current().then(
        ({ forAgent }) => [identityOf(forAgent)],
        () => [],
      ),
  })
  const closeIfUnused = (): Promise<boolean> =>
    withFileLock(lockOf(wish), async () => {
      if (agent.connections() > 0) return false
      await agent.close()
      return true
    })
  return {
    lost: new Promise(() => {}),
    release: async () => {
      while (!(await closeIfUnused())) await agent.unused()
      await credential.end()
    },
  }
}
