import { withSourcePlaces } from '@gatehouse/compose'
import { requestMarks } from '@gatehouse/kit/tracing'
import { pino, type Logger } from 'pino'

/**
 * JSON lines on standard output. Secrets cannot get in: `Secret` throws when it is serialised, and headers are never
 * logged. What is logged in the work of a request names it.
 */
export const createLog = (name: string): Logger =>
  pino({
    name,
    base: { pid: process.pid },
    timestamp: pino.stdTimeFunctions.isoTime,
    mixin: requestMarks,
    serializers: { err: pino.stdSerializers.wrapErrorSerializer(withSourcePlaces) },
  })

export type Log = Logger
