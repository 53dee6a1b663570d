import { relative } from 'node:path'

const FILES_SHOWN = 10

interface TimedReport {
  readonly testResults: readonly { readonly name: string; readonly startTime: number; readonly endTime: number }[]
}

/** The ten test files that took longest, a line each: where to look when the suite becomes slow. */
export const slowestFiles = (report: unknown, root: string): readonly string[] =>
  isTimed(report)
    ? report.testResults
        .map(({ name, startTime, endTime }) => ({ path: relative(root, name), seconds: (endTime - startTime) / 1000 }))
        .toSorted((one, other) => other.seconds - one.seconds)
        .slice(0, FILES_SHOWN)
        .map(({ path, seconds }) => `${seconds.toFixed(1).padStart(7)} s  ${path}`)
    : []

const isTimed = (value: unknown): value is TimedReport =>
  typeof value === 'object' && value !== null && 'testResults' in value && Array.isArray(value.testResults)
