/**
 * Requests begun in one turn of the event loop. Each costs a tenth of a millisecond before its first wait; a turn shall
 * stay short, and those begun together ask the database together.
 */
const startsPerTurn = 8

/** Whose turn a request waits for. */
export interface Lane {
  /** Where it comes from: what a stranger cannot choose at will. */
  readonly address: string
  /** What it shows. Anybody can show anything, so a new one gets a place among its address's own and no more. */
  readonly credential: string
}

/** Runs work when its lane's turn has come. */
export type FairTurns = <T>(lane: Lane, work: () => Promise<T> | T) => Promise<T>

/** Things in a row by their names; the one that waited longest is the next, and goes to the end. */
type Row<T> = Map<string, T>
type Start = () => void

/**
 * Lets a stampede wait behind itself: addresses take turns, and within an address its credentials; between turns the
 * event loop looks at the network again. Without it a thousand requests that arrive at once are all begun before the
 * next person's one is even read; and by credentials alone a thousand made-up ones would pass for a thousand people.
 * Who comes while nothing else is under way has nobody to wait for, and is begun at once; but one in each turn: what
 * waits for nothing itself is done before the next one is read, and a thousand of those would be one long turn.
 */
export function createFairTurns(): FairTurns {
  const addresses: Row<Row<Start[]>> = new Map()
  let scheduled = false

  const schedule = (): void => {
    if (scheduled || addresses.size === 0) return
    scheduled = true
    setImmediate(() => {
      scheduled = false
      for (let started = 0; started < startsPerTurn; started += 1) startNext()
      schedule()
    })
  }

  const startNext = (): void => {
    const start = nextOf(
      addresses,
      (credentials) =>
        nextOf(
          credentials,
          (waiting) => waiting.shift(),
          (waiting) => waiting.length > 0,
        ),
      (credentials) => credentials.size > 0,
    )
    start?.()
  }

  const turnOf = ({ address, credential }: Lane): Promise<void> =>
    new Promise((resolve) => {
      const credentials = placeOf(addresses, address, () => new Map<string, Start[]>())
      placeOf(credentials, credential, () => []).push(resolve)
      schedule()
    })

  let underWay = 0
  let begunAtOnce = false
  const isAlone = (): boolean => {
    if (underWay > 0 || begunAtOnce) return false
    begunAtOnce = true
    setImmediate(() => {
      begunAtOnce = false
    })
    return true
  }
  return async (lane, work) => {
    const mayBegin = isAlone()
    underWay += 1
    try {
      if (!mayBegin) await turnOf(lane)
      return await work()
    } finally {
      underWay -= 1
    }
  }
}

/** Takes from the first of a row, which then goes to the end if it has more. */
function nextOf<T, V>(row: Row<T>, take: (first: T) => V | undefined, hasMore: (first: T) => boolean): V | undefined {
  const entry = row.entries().next()
  if (entry.done === true) return undefined
  const [name, first] = entry.value
  row.delete(name)
  const taken = take(first)
  if (hasMore(first)) row.set(name, first)
  return taken
}

function placeOf<T>(row: Row<T>, name: string, make: () => T): T {
  const known = row.get(name)
  if (known !== undefined) return known
  const made = make()
  row.set(name, made)
  return made
}
