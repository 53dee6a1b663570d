import { spawn, type ChildProcess } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { constants, setPriority } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  ServerSetupError,
  ensureProgramsBuilt,
  motoDirectory,
  openBaoPath,
  temporalPath,
  temporalTestServerPath,
  testSeed,
} from '@gatehouse/testkit/servers'
import { WebBuildError, ensureWebBuilt } from '../web/ensure-web-built.ts'
import { testsForChanges } from './changed-tests.ts'
import { checksOf, type Check } from './checks.ts'
import { parseTestRequest } from './chosen-tests.ts'
import { makePassingDirectory } from './passing-directory.ts'
import { slowestFiles } from './slowest-files.ts'
import { MissingProgramError, ensureSystemPackages } from './system-packages.ts'
import { add, tallyReport, whole } from './tally.ts'
import type { Tally } from './tally.ts'
import { temporaryPlace } from './temporary-place.ts'

// `npm test`: everything. `npm test -- packages/ssh`: only the tests named, and no other check.
// `npm test -- --changed[=COMMIT]`: the checks, and the tests that the changes can break. `npm run test:long`: full
// volumes.

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..')
const request = parseTestRequest(process.argv.slice(2))
const say = (line: string): void => console.log(`gatehouse: ${line}`)
const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs')
/** The machine that the limits are written for has as many cores. */
const checksAtOnce = 2
const cacheDirectory = join(root, 'node_modules', '.cache', 'gatehouse')
/** All that tests write in passing, to be thrown away with them. */
const passing = makePassingDirectory(temporaryPlace(request.volume))

const main = async (): Promise<Tally> => {
  await ensureSystemPackages(say)
  await temporalPath(say)
  await temporalTestServerPath(say)
  if (request.named.length > 0) return runNamed(request.named)
  // here nobody waits with a deadline; a test that needs them and is named fetches them itself
  await openBaoPath(say)
  await motoDirectory(say)
  const checks = runChecks() // while tests wait: a quarter of the cores' time stood idle
  await build()
  const tests = await runWanted(request.changedSince)
  const { tally, failed } = await checks
  if (failed.length > 0) say(`checks that FAILED, as told above: ${failed.join(', ')}`)
  return add(tests, tally)
}

/** All tests, or those that the changes since a commit can break. */
const runWanted = async (changedSince: string | null): Promise<Tally> => {
  if (changedSince === null) return runTests([])
  const tests = testsForChanges(root, changedSince)
  if (tests.length > 0) return runTests(tests)
  say(`nothing that differs from ${changedSince} has tests`)
  return { passed: 0, failed: 0 }
}

/** What is named is run at once; only a browser needs what it is to show. */
const runNamed = async (named: readonly string[]): Promise<Tally> => {
  if (named.some((name) => name.includes('e2e'))) await ensureWebBuilt(root, say)
  return runTests(named)
}

const build = async (): Promise<void> => {
  await Promise.all([ensureWebBuilt(root, say), ensureProgramsBuilt(root, { say })])
}

interface Checked {
  readonly tally: Tally
  /** The names of those that failed. */
  readonly failed: readonly string[]
}

const runChecks = async (): Promise<Checked> => {
  const waiting = [...checksOf(root)]
  const failed: string[] = []
  let tally: Tally = { passed: 0, failed: 0 }
  const lane = async (): Promise<void> => {
    for (let check = waiting.shift(); check !== undefined; check = waiting.shift()) {
      const ok = await isInOrder(check)
      tally = add(tally, whole(ok))
      if (!ok) failed.push(check.name)
    }
  }
  await Promise.all(Array.from({ length: checksAtOnce }, lane))
  return { tally, failed }
}

/** What it printed is told with how it ended: others run beside it. */
const isInOrder = async ({ name, command }: Check): Promise<boolean> => {
  const started = performance.now()
  const { code, printed } = await runQuietly(command)
  const ok = code === 0
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  say(`${name}: ${ok ? 'in order' : `FAILED\n${printed.trimEnd()}\n`} (${seconds} s)`)
  return ok
}

const runTests = async (chosen: readonly string[]): Promise<Tally> => {
  say(`seed ${testSeed()}; volume: ${request.volume}`)
  say(`running ${chosen.length === 0 ? 'all tests' : chosen.join(', ')} …`)
  const reportPath = join(cacheDirectory, `test-report-${process.pid}.json`)
  mkdirSync(cacheDirectory, { recursive: true })
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${reportPath}`]
  const code = await run([vitest, 'run', ...reporters, ...chosen])
  const report = readReport(reportPath)
  rmSync(reportPath, { force: true })
  say(`the slowest files:\n${slowestFiles(report, root).join('\n')}`)
  return tallyReport(report, code)
}

const readReport = (path: string): unknown => {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch {
    return null // the runner died before it could write one
  }
}

// The pinned Node comes first on the PATH, for whatever the tests run by name.
const environment = (): NodeJS.ProcessEnv => ({
  ...process.env,
  PATH: `${dirname(process.execPath)}:${process.env.PATH ?? ''}`,
  FORCE_COLOR: process.stdout.isTTY ? '1' : '0',
  // What the systems under test load is compiled once, not by each of some hundred processes.
  NODE_COMPILE_CACHE: join(cacheDirectory, 'compiled'),
  TMPDIR: passing,
  GATEHOUSE_TEST_VOLUME: request.volume,
  GATEHOUSE_TEST_SEED: String(testSeed()),
})

const run = (command: readonly string[]): Promise<number | null> =>
  new Promise((resolve) => {
    const stdio = ['ignore', 'inherit', 'inherit'] as const
    const child = spawn(process.execPath, command, { cwd: root, env: environment(), stdio: [...stdio] })
    child.once('error', () => resolve(null))
    child.once('close', resolve)
  })

/** It computes only while nothing else does: tests that are held against a clock run beside it. */
const giveWay = ({ pid }: ChildProcess): void => {
  if (pid !== undefined) setPriority(pid, constants.priority.PRIORITY_LOW)
}

const runQuietly = (command: readonly string[]): Promise<{ code: number | null; printed: string }> =>
  new Promise((resolve) => {
    const child = spawn(process.execPath, command, { cwd: root, env: environment(), stdio: ['ignore', 'pipe', 'pipe'] })
    giveWay(child)
    let printed = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (part: Buffer) => (printed += part.toString()))
    child.once('error', (error) => resolve({ code: null, printed: error.message }))
    child.once('close', (code) => resolve({ code, printed }))
  })

/** What a person can act on needs no stack. */
const explained = [MissingProgramError, ServerSetupError, WebBuildError]

const explain = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error)
  return explained.some((kind) => error instanceof kind) ? error.message : (error.stack ?? error.message)
}

const tally = await main().catch((error: unknown): Tally => {
  console.error(`gatehouse: ${explain(error)}`)
  return whole(false)
})
rmSync(passing, { recursive: true, force: true })
console.log(`${tally.passed} passed, ${tally.failed} failed`)
process.exitCode = tally.failed === 0 && tally.passed > 0 ? 0 : 1
if (process.connected) process.disconnect()
