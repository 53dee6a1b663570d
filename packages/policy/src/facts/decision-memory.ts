/** Answers that are kept while they are asked for. */
export interface Memory<T> {
  recall(key: string): T | undefined
  keep(key: string, value: T): void
}

/** A longer key is not worth its place: a fact of the input that fills it will hardly come again. */
const keyLengthMax = 4_096
/** For each of two halves: 20,000 keys of the usual 200 characters, some 10 MiB in all. */
const charactersMax = 4_000_000
/** What an entry costs beside the characters of its key. */
const entryCharacters = 100

/**
 * Two halves: what is asked for moves to the younger one, and when that is full the older one goes. What is asked for
 * again and again stays; a flood of what is asked for once pushes out no more than that.
 */
export function createMemory<T>(): Memory<T> {
  let young = new Map<string, T>()
  let old = new Map<string, T>()
  let characters = 0

  const keep = (key: string, value: T): void => {
    if (key.length > keyLengthMax) return
    young.set(key, value)
    characters += key.length + entryCharacters
    if (characters < charactersMax) return
    old = young
    young = new Map()
    characters = 0
  }
  return {
    keep,
    recall: (key) => {
      const recent = young.get(key)
      if (recent !== undefined) return recent
      const older = old.get(key)
      if (older !== undefined) keep(key, older)
      return older
    },
  }
}
