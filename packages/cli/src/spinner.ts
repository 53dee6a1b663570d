import type { OperationName, Raw, Wire } from '@gatehouse/contract'
import type { Client } from './client.ts'
import type { Terminal } from './terminal.ts'

/** What is quicker than this needs no sign of life. */
const QUIET_MS = 300
const FRAME_MS = 80
const frames = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'] as const

/** Back to the start of the line, and nothing left on it. */
const CLEAR_LINE = '\r\u001b[K'

/** A client that shows, on a terminal only, that it waits for an answer. */
export const withSpinner = (client: Client, terminal: Terminal): Client => {
  if (!terminal.interactive || !terminal.colour) return client
  return {
    ...client,
    call: async <N extends OperationName>(name: N, input: Raw<N>): Promise<Wire<N>> => {
      const stop = spin(terminal, `waiting for ${client.server.url}`)
      try {
        return await client.call(name, input)
      } finally {
        stop()
      }
    },
  }
}

/** Shows that something is waited for, from a moment on, until the answered function is called. */
export const spin = ({ talk }: Terminal, what: string): (() => void) => {
  let drawn = 0
  let timer = setTimeout(function draw() {
    talk(`${CLEAR_LINE}${frames[drawn % frames.length] ?? ''} ${what}`)
    drawn += 1
    timer = setTimeout(draw, FRAME_MS)
  }, QUIET_MS)
  return () => {
    clearTimeout(timer)
    if (drawn > 0) talk(CLEAR_LINE)
  }
}
