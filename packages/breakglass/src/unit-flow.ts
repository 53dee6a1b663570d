/** From one node to another; one unit can pass. */
export type Edge = readonly [from: string, to: string]

/** What is left of the edges after a flow: an edge that was used lies there turned round. */
export interface Residue {
  /** Whether `to` can be reached from `from` at once; of a used edge the other way round. */
  readonly has: (from: string, to: string) => boolean
}

/**
 * The greatest flow of whole units, by augmenting paths (Ford and Fulkerson 1956). It ends after as many rounds as
 * units can flow, here at most as many as a rule has places.
 */
export function unitFlow(edges: readonly Edge[], { source, sink }: { source: string; sink: string }): Residue {
  const reach = new Map<string, Set<string>>()
  const from = (node: string): Set<string> => {
    const known = reach.get(node) ?? new Set()
    reach.set(node, known)
    return known
  }
  for (const [start, end] of edges) from(start).add(end)
  for (let path = pathTo(sink, source, from); path !== null; path = pathTo(sink, source, from)) turn(path, from)
  return { has: (start, end) => reach.get(start)?.has(end) === true }
}

type Reach = (node: string) => Set<string>

/** The nodes of a way from `source` to `sink`, breadth first; null: there is none left. */
function pathTo(sink: string, source: string, from: Reach): readonly string[] | null {
  const cameFrom = new Map<string, string | null>([[source, null]])
  for (const node of cameFrom.keys()) {
    if (node === sink) return wayBack(sink, cameFrom)
    for (const next of from(node)) if (!cameFrom.has(next)) cameFrom.set(next, node)
  }
  return null
}

function wayBack(sink: string, cameFrom: ReadonlyMap<string, string | null>): readonly string[] {
  const path: string[] = []
  for (let node: string | null | undefined = sink; typeof node === 'string'; node = cameFrom.get(node))
    path.unshift(node)
  return path
}

function turn(path: readonly string[], from: Reach): void {
  path.slice(1).forEach((end, at) => {
    const start = path[at] ?? ''
    from(start).delete(end)
    from(end).add(start)
  })
}
