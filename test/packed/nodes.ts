import { execFileSync } from 'node:child_process'
import { join } from 'node:path'

/** A Node of this machine. */
export interface Node {
  readonly node: string
  readonly major: number
}

const pinned = join(import.meta.dirname, '..', '..', 'node_modules', 'node', 'bin', 'node')

const majorOf = (node: string): number => {
  try {
    return Number.parseInt(execFileSync(node, ['-p', 'process.versions.node'], { encoding: 'utf8' }), 10)
  } catch {
    return 0
  }
}

/** The pinned Node, and the machine's own where that is another one: at least 20, as what we publish says. */
export const nodes: readonly Node[] = [pinned, '/usr/bin/node', '/usr/local/bin/node']
  .map((node) => ({ node, major: majorOf(node) }))
  .filter(({ major }, index, all) => major >= 20 && all.findIndex((other) => other.major === major) === index)
