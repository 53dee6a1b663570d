/** Somebody who may have an answer. */
export interface Source<T> {
  readonly name: string
  readonly ask: () => Promise<T>
}

/** How long anybody is waited for. */
export interface Patience {
  /** Who has not answered by then is not alone asked any more: the next one is, too. */
  readonly patienceMs: number
  /** Who has not answered by then has not answered. */
  readonly deadlineMs: number
}

/** What came of asking. */
export interface Gathered<T> {
  readonly answers: readonly { readonly name: string; readonly value: T }[]
  /** Who was waited for in vain, and what they said. */
  readonly passed: ReadonlyMap<string, unknown>
}

/** What is said of somebody who says nothing. */
export class NoAnswerError extends Error {
  override readonly name = 'NoAnswerError'
}

/**
 * Asks as many as are needed, and the next one for each that fails or takes long. Resolves with what there is once that
 * is enough, or nobody is left to ask, or the time is over. Never rejects.
 */
export function gather<T>(
  sources: readonly Source<T>[],
  { needed, patienceMs, deadlineMs }: Patience & { readonly needed: number },
): Promise<Gathered<T>> {
  const { promise, resolve } = Promise.withResolvers<Gathered<T>>()
  const answers: { name: string; value: T }[] = []
  const passed = new Map<string, unknown>()
  const timers = new Set<NodeJS.Timeout>()
  let [asked, pending, over] = [0, 0, false]
  const after = (milliseconds: number, then: () => void): void => void timers.add(setTimeout(then, milliseconds))
  const end = (): void => {
    over = true
    for (const timer of timers) clearTimeout(timer)
    resolve({ answers: [...answers], passed: new Map(passed) })
  }
  const askNext = (): void => {
    const source = sources[asked]
    if (source === undefined) return
    asked += 1
    pending += 1
    after(patienceMs, () => {
      if (answers.some(({ name }) => name === source.name) || passed.has(source.name)) return
      passed.set(source.name, new NoAnswerError('no answer yet'))
      askNext()
    })
    void source.ask().then(
      (value) => settle(() => (passed.delete(source.name), answers.push({ name: source.name, value }))),
      (error: unknown) => settle(() => passed.set(source.name, error)),
    )
  }
  const settle = (note: () => unknown): void => {
    if (over) return // too late for anybody
    note()
    pending -= 1
    if (answers.length >= needed) return end()
    while (pending + answers.length < needed && asked < sources.length) askNext()
    if (pending === 0 && asked === sources.length) end()
  }
  after(deadlineMs, end)
  for (let first = 0; first < needed; first += 1) askNext()
  if (sources.length === 0) end()
  return promise
}
