import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Decider } from '@gatehouse/enforcement'
import { ZodError } from 'zod'
import { difference, policyCasesIn } from './policy-cases.ts'
import { PolicyError } from './policy-problem.ts'
import { holdsPlatformCases, platformCasesIn, platformDifference } from './platform-cases.ts'
import type { SourceFile } from './policy-source.ts'

/** One case of a suite, and what came of it. */
export interface CaseResult {
  readonly file: string
  /** The case as a sentence. */
  readonly name: string
  /** What differs from what it expects; null: nothing. */
  readonly difference: string | null
}

// suites of thousands of cases fit; a mistaken path to a data directory does not
const suitesMax = 200
const suiteBytesMax = 1024 * 1024

/**
 * Reads `tests/*.yaml` of a policy directory; without such a folder there are none, and what goes away meanwhile is not
 * there. Throws `PolicyError`.
 */
export async function readSuites(path: string): Promise<readonly SourceFile[]> {
  const names = await readdir(join(path, 'tests')).catch(() => [])
  const files = names.filter((name) => name.endsWith('.yaml')).sort()
  if (files.length > suitesMax) throw problem('tests', `more than ${suitesMax} files of cases`)
  return (await Promise.all(files.map((file) => readSuite(path, file).catch(nothingIfGone)))).flat()
}

async function readSuite(path: string, file: string): Promise<readonly SourceFile[]> {
  const { size } = await stat(join(path, 'tests', file))
  if (size > suiteBytesMax) throw problem(file, `larger than ${suiteBytesMax} bytes`)
  return [{ file, text: await readFile(join(path, 'tests', file), 'utf8') }]
}

function nothingIfGone(error: NodeJS.ErrnoException): readonly SourceFile[] {
  if (error.code === 'ENOENT') return []
  throw error
}

/**
 * Runs the cases of some suites by what decides. `step` is awaited before each, so that others have their turn. Throws
 * `PolicyError` where a suite is none.
 */
export async function runSuites(
  decider: Decider,
  suites: readonly SourceFile[],
  step: () => Promise<void>,
): Promise<readonly CaseResult[]> {
  const results: CaseResult[] = []
  for (const { file, name, run } of suites.flatMap(casesOf)) {
    await step()
    results.push({ file, name, difference: run(decider) })
  }
  return results
}

interface RunnableCase {
  readonly file: string
  readonly name: string
  readonly run: (decider: Decider) => string | null
}

function casesOf(suite: SourceFile): readonly RunnableCase[] {
  try {
    if (holdsPlatformCases(suite.file))
      return platformCasesIn(suite).map((one) => ({ ...one, run: (decider) => platformDifference(decider, one) }))
    return policyCasesIn(suite).map((one) => ({ ...one, run: (decider) => difference(decider, one) }))
  } catch (error) {
    throw problem(suite.file, wordsOf(error), error)
  }
}

function wordsOf(error: unknown): string {
  if (error instanceof ZodError)
    return error.issues.map(({ path, message }) => `${path.map(String).join('.')}: ${message}`).join('; ')
  return error instanceof Error ? error.message : String(error)
}

const problem = (file: string, message: string, cause?: unknown): PolicyError =>
  new PolicyError([{ file, line: null, message }], { cause })
