import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { ConfigError, type Config } from '@gatehouse/config'
import { pairProblem, type Pair } from './pair.ts'

/** How often it is looked whether the files have changed: who renews a certificate waits no longer. */
const lookMilliseconds = 2000

export interface ServedPairDeps {
  readonly now: () => Date
  /** A new pair is served from now on, for new connections. */
  readonly onChange: (pair: Pair) => void
  /** A new pair is no good; the one before stays. Told once for each. */
  readonly onProblem: (problem: string) => void
}

/** What is served, and what follows it. */
export interface ServedPair {
  readonly first: Pair
  /** Begins to follow the files. */
  follow(deps: Omit<ServedPairDeps, 'now'>): void
  close(): void
}

/**
 * The pair that the settings name, or one made for this machine; null: plain http. Throws `ConfigError` when it is bad.
 */
export async function openServedPair({ settings, runtime }: Config, now: () => Date): Promise<ServedPair | null> {
  const { certificate, key, development } = settings.tls
  const paths =
    certificate === undefined || key === undefined
      ? null
      : { certificate: resolve(runtime.root, certificate), key: resolve(runtime.root, key) }
  if (paths === null && !development) return null
  const read = async (): Promise<Pair> => {
    if (paths !== null) return readPair(paths)
    // loaded only here: who serves a certificate of their own pays nothing for it
    const { developmentPair } = await import('./development-certificate.ts')
    return developmentPair(runtime.home, { now: now() })
  }
  const first = await read()
  const problem = pairProblem(first, now())
  if (problem !== null) throw new ConfigError(problem)
  let timer: NodeJS.Timeout | undefined
  return {
    first,
    follow: ({ onChange, onProblem }) => {
      const look = follower({ first, read, now, onChange, onProblem })
      timer = setInterval(() => void look(), lookMilliseconds)
      timer.unref()
    },
    close: () => clearInterval(timer),
  }
}

const readPair = async (paths: Pair): Promise<Pair> => ({
  certificate: await readText('tls.certificate', paths.certificate),
  key: await readText('tls.key', paths.key),
})

async function readText(name: string, path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (cause) {
    throw new ConfigError(`${name}: a file that this process can read; \`${path}\` is not one`, { cause })
  }
}

/** One look: the files are replaced one after the other, so for a moment they may not belong together. */
export function follower(deps: ServedPairDeps & { first: Pair; read: () => Promise<Pair> }): () => Promise<void> {
  let served = deps.first
  let told: string | null = null
  const tell = (problem: string): void => {
    if (told !== problem) deps.onProblem(problem)
    told = problem
  }
  return async () => {
    try {
      const pair = await deps.read()
      if (pair.certificate === served.certificate && pair.key === served.key) {
        told = null
        return
      }
      const problem = pairProblem(pair, deps.now())
      if (problem !== null) return tell(problem)
      served = pair
      told = null
      deps.onChange(pair)
    } catch (error) {
      tell(error instanceof Error ? error.message : String(error))
    }
  }
}
