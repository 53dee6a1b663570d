import { requestMarks } from '@gatehouse/kit/tracing'
import { pino, type Logger, type LoggerOptions } from 'pino'
import { LogOutput } from './log-output.ts'
import { withSourcePlaces } from './source-places.ts'

/**
 * JSON lines on standard output. Secrets cannot get in: `Secret` throws when it is serialised, and headers are never
 * logged. What is logged in the work of a request names it.
 */
export const createLog = (name: string): Logger => {
  const marks = { name, base: { pid: process.pid }, timestamp: pino.stdTimeFunctions.isoTime }
  // a pipe that is asked for here never holds the process up
  const output = new LogOutput(process.stdout.fd, (lines) => lineOf(marks, lines))
  return pino(
    { ...marks, mixin: requestMarks, serializers: { err: pino.stdSerializers.wrapErrorSerializer(withSourcePlaces) } },
    output,
  )
}

export type Log = Logger

function lineOf(marks: LoggerOptions, lines: number): string {
  let line = ''
  pino(marks, { write: (text) => (line += text) }).warn(
    { lines },
    'lines are missing here: nobody read this log in time',
  )
  return line
}
