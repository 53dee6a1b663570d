import { pino, type Logger } from 'pino'

/**
 * JSON lines on standard output. Secrets cannot get in: `Secret` throws when it is serialised, and headers are never
 * logged.
 */
export const createLog = (name: string): Logger =>
  pino({ name, base: { pid: process.pid }, timestamp: pino.stdTimeFunctions.isoTime })

export type Log = Logger
