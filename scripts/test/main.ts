import { spawn } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
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
import { slowestFiles } from './slowest-files.ts'
import { MissingProgramError, ensureSystemPackages } from './system-packages.ts'
import { add, tallyReport, whole } from './tally.ts'
import type { Tally } from './tally.ts'

// `npm test`: everything. `npm test -- packages/ssh`: only the tests named, and no other check.
// `npm test -- --changed[=COMMIT]`: the checks, and the tests that the changes can break. `npm run test:long`: full
// volumes.

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..')
const request = parseTestRequest(process.argv.slice(2))
const say = (line: string): void => console.log(`gatehouse: ${line}`)
const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs')
/** Projects of `vitest.config.ts` whose tests only compute; whatever else there is waits for something. */
const computing = ['unit', 'policy']
/** The machine that the limits are written for has as many cores; a build runs beside them. */
const checksAtOnce = 2
const cacheDirectory = join(root, 'node_modules', '.cache', 'gatehouse')
/** All that tests write in passing, to be thrown away with them. The name is short: sockets' paths must be. */
const passing = mkdtempSync(join(tmpdir(), 'gh-'))
chmodSync(passing, 0o755) // accounts of tests on real servers walk through it

const main = async (): Promise<Tally> => {
  if (request.named.length > 0) {
    await ensurePrograms()
    return runTests({ chosen: request.named })
  }
  const ready = prepare()
  if (request.changedSince === null) return add(...(await Promise.all([runYielding(ready), runWaiting(ready)])))
  const [tally] = await Promise.all([runChecks(), ready])
  const tests = testsForChanges(root, request.changedSince)
  if (tests.length > 0) return add(tally, await runTests({ chosen: tests }))
  say(`nothing that differs from ${request.changedSince} has tests`)
  return tally
}

/** What tests use that is none of ours. */
const ensurePrograms = (): Promise<unknown> =>
  Promise.all([ensureSystemPackages(say), temporalPath(say), temporalTestServerPath(say)])

/** Further servers are fetched here, where nobody waits with a deadline; a test that is named fetches its own. */
const prepare = (): Promise<unknown> =>
  Promise.all([
    ensurePrograms(),
    openBaoPath(say),
    motoDirectory(say),
    ensureWebBuilt(root, say),
    ensureProgramsBuilt(root, { say }),
  ])

/** The checks and the tests that only compute, in what processor time the others leave. */
const runYielding = async (ready: Promise<unknown>): Promise<Tally> => {
  const [tally] = await Promise.all([runChecks(), ready])
  return add(tally, await runTests({ projects: computing, yields: true }))
}

/** The tests that start servers and wait for them, most of their time. */
const runWaiting = async (ready: Promise<unknown>): Promise<Tally> => {
  await ready
  return runTests({ projects: computing.map((name) => `!${name}`) })
}

const runChecks = async (): Promise<Tally> => {
  const waiting = [...checksOf(root)]
  let tally: Tally = { passed: 0, failed: 0 }
  const lane = async (): Promise<void> => {
    for (let check = waiting.shift(); check !== undefined; check = waiting.shift()) {
      const one = await runCheck(check)
      tally = add(tally, one)
    }
  }
  await Promise.all(Array.from({ length: checksAtOnce }, lane))
  return tally
}

/** What it printed is told with how it ended: others run beside it. */
const runCheck = async ({ name, command }: Check): Promise<Tally> => {
  const started = performance.now()
  const { code, printed } = await runQuietly(command)
  const ok = code === 0
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  say(`${name}: ${ok ? 'in order' : `FAILED\n${printed.trimEnd()}\n`} (${seconds} s)`)
  return whole(ok)
}

interface TestRun {
  /** Files or folders; all of them where none is named. */
  readonly chosen?: readonly string[]
  /** Projects of `vitest.config.ts`, or with `!` those that are left out. */
  readonly projects?: readonly string[]
  /** Takes what processor time others leave, and prints nothing before its end. */
  readonly yields?: boolean
}

const runTests = async ({ chosen = [], projects = [], yields = false }: TestRun): Promise<Tally> => {
  say(`seed ${testSeed()}; volume: ${request.volume}`)
  say(`running ${[...chosen, ...projects].join(', ') || 'all tests'} …`)
  const reportPath = join(cacheDirectory, `test-report-${process.pid}-${yields ? 'yielding' : 'waiting'}.json`)
  mkdirSync(cacheDirectory, { recursive: true })
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${reportPath}`]
  const command = [vitest, 'run', ...reporters, ...projects.map((name) => `--project=${name}`), ...chosen]
  const code = yields ? await runAndTell(command) : await run(command)
  const report = readReport(reportPath)
  rmSync(reportPath, { force: true })
  if (!yields) say(`the slowest files:\n${slowestFiles(report, root).join('\n')}`)
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

const runAndTell = async (command: readonly string[]): Promise<number | null> => {
  const { code, printed } = await runQuietly(command)
  process.stdout.write(printed)
  return code
}

const runQuietly = (command: readonly string[]): Promise<{ code: number | null; printed: string }> =>
  new Promise((resolve) => {
    const [program, ...args] = [...yielding, process.execPath, ...command]
    const child = spawn(program, args, { cwd: root, env: environment(), stdio: ['ignore', 'pipe', 'pipe'] })
    let printed = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (part: Buffer) => (printed += part.toString()))
    child.once('error', (error) => resolve({ code: null, printed: error.message }))
    child.once('close', (code) => resolve({ code, printed }))
  })

/** A tenth of a process's usual share: what waits for a deadline comes first, and nothing stands still. */
const yielding = ['nice', '-n', '10'] as const

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
