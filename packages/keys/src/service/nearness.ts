/** Who was waited for in vain is asked last for so long; each time in a row twice as long. */
const restMs = { first: 30_000, max: 600_000 } as const

interface Rest {
  readonly until: number
  readonly milliseconds: number
}

/** In which order backends are asked: as the settings name them, those that did not answer lately last. */
export interface Nearness {
  ordered<T extends { readonly name: string }>(ones: readonly T[]): T[]
  /** It was waited for in vain. */
  passed(name: string): void
  answered(name: string): void
}

/** Knows nothing yet. */
export function createNearness(ticks: () => number): Nearness {
  const rests = new Map<string, Rest>()
  const rank = ({ name }: { readonly name: string }): number => (ticks() < (rests.get(name)?.until ?? 0) ? 1 : 0)
  return {
    ordered: (ones) => ones.toSorted((one, other) => rank(one) - rank(other)), // stable
    passed: (name) => {
      const before = rests.get(name)?.milliseconds
      const milliseconds = before === undefined ? restMs.first : Math.min(before * 2, restMs.max)
      rests.set(name, { until: ticks() + milliseconds, milliseconds })
    },
    answered: (name) => void rests.delete(name),
  }
}
