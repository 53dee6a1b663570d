import { writeSync } from 'node:fs'

/** Of lines without a reader so much is kept: minutes of a busy process, whose memory is for its work. */
const waitingMax = 16 * 1024 * 1024
/** So much is handed over at once, about what a pipe holds. */
const chunkMax = 64 * 1024
/** A reader that was not ready is tried again after this. */
const againMilliseconds = 20
/** At its end a process waits so long for a reader that takes nothing: who asked it to end waits for that. */
const lastLinesMilliseconds = 1000
const lastLooksMilliseconds = 5

const isBusy = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === 'EAGAIN' || error.code === 'EBUSY')

/**
 * Writes the lines of a log to a pipe that never holds its writer up (`O_NONBLOCK`, as Node sets `process.stdout`), or
 * to a file. A reader that hangs costs at most 16 MiB, after which lines are dropped and counted, and a second at the
 * end of the process; one that is gone costs nothing. (pino's own output keeps what is not read without a limit, and at
 * its end tries for ever.)
 */
export class LogOutput {
  readonly #file: number
  readonly #droppedLine: (lines: number) => string
  readonly #waiting: string[] = []
  #waitingLength = 0
  #dropped = 0
  /** What of a chunk is still to be written. */
  #rest: Buffer | null = null
  #isTimed = false
  #isGone = false

  /** `droppedLine` makes the line that stands where others are missing. */
  constructor(file: number, droppedLine: (lines: number) => string) {
    this.#file = file
    this.#droppedLine = droppedLine
    process.on('exit', () => this.flushSync())
  }

  /** Takes a line, with its end. */
  write(line: string): void {
    if (this.#isGone) return
    if (this.#waitingLength + line.length > waitingMax) {
      this.#dropped += 1
      return
    }
    this.#waiting.push(line)
    this.#waitingLength += line.length
    if (!this.#isTimed) this.#drain()
  }

  /** Writes what waits before the process ends, until nothing of it is read for a second. */
  flushSync(): void {
    let takenAt = performance.now()
    let left = Infinity
    while (!this.#writeAll() && performance.now() - takenAt < lastLinesMilliseconds) {
      const stillLeft = this.#waitingLength + (this.#rest?.length ?? 0)
      if (stillLeft < left) takenAt = performance.now()
      left = stillLeft
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, lastLooksMilliseconds)
    }
  }

  #drain(): void {
    this.#isTimed = !this.#writeAll()
    if (this.#isTimed) setTimeout(() => this.#drain(), againMilliseconds).unref()
  }

  /** Whether nothing is left to be written, or nobody to read it. */
  #writeAll(): boolean {
    while (!this.#isGone && (this.#rest ??= this.#take()) !== null) {
      try {
        const rest = this.#rest.subarray(writeSync(this.#file, this.#rest))
        this.#rest = rest.length === 0 ? null : rest
      } catch (error) {
        if (isBusy(error)) return false
        this.#isGone = true
      }
    }
    return true
  }

  /** As many of the next lines as go into one chunk, but at least one; then how many had no room behind them. */
  #take(): Buffer | null {
    let length = 0
    const end = this.#waiting.findIndex((line) => (length += line.length) > chunkMax)
    const text = this.#waiting.splice(0, end === -1 ? this.#waiting.length : Math.max(end, 1)).join('')
    this.#waitingLength -= text.length
    if (text !== '') return Buffer.from(text)
    const dropped = this.#dropped
    this.#dropped = 0
    return dropped === 0 ? null : Buffer.from(this.#droppedLine(dropped))
  }
}
