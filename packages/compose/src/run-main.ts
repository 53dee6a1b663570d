import { ConfigError } from '@gatehouse/config'
import { withoutCoreFile } from '@gatehouse/kit/core-files'

const nodeMajorNeeded = 24

/**
 * Runs a program of ours: the right Node, or a sentence; a failure is told with its causes on standard error, and ends
 * with 1.
 */
export async function runMain(name: string, main: () => Promise<void>): Promise<void> {
  try {
    // older V8s can die under load in the policy engine's WebAssembly, uncatchably
    if (Number(process.versions.node.split('.')[0]) < nodeMajorNeeded)
      throw new ConfigError(`Node ${nodeMajorNeeded} is needed; this is ${process.versions.node}`)
    await withoutCoreFile()
    await main()
  } catch (error) {
    const lines = [error instanceof Error ? error.message : String(error)]
    for (let cause = error instanceof Error ? error.cause : undefined; cause instanceof Error; cause = cause.cause)
      lines.push(`because: ${cause.message}`)
    process.stderr.write(`${name}: ${lines.join('\n  ')}\n`)
    process.exit(1)
  }
}

/**
 * Resolves when a stop is asked for: a signal, or, under a supervisor, the end of standard input: whoever started us is
 * gone.
 */
export function stopAsked(supervised: boolean): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve())
    if (!supervised) return
    process.stdin
      .on('end', () => resolve())
      .on('close', () => resolve())
      .on('error', () => resolve())
    process.stdin.resume()
  })
}

/** Tells the supervisor something, when there is one. */
export function tellParent(type: 'ready' | 'admin-password-changed'): void {
  process.send?.({ type })
}
