import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ServerSetupError, temporalPath, temporalTestServerPath } from '@gatehouse/testkit/servers'
import { WebBuildError, ensureWebBuilt } from '../web/ensure-web-built.ts'
import { MissingProgramError, ensureSystemPackages } from './system-packages.ts'
import { add, tallyReport, whole } from './tally.ts'
import type { Tally } from './tally.ts'

// `npm test`: everything. `npm test -- packages/ssh`: only the tests named, and no other check.

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..')
const chosen = process.argv.slice(2)
const say = (line: string): void => console.log(`gatehouse: ${line}`)

/** A check that is passed or failed as a whole: its name, and the commands that make it up. */
interface Check {
  readonly name: string
  readonly commands: readonly (readonly string[])[]
}

const bin = (...path: string[]): string => join(root, 'node_modules', ...path)

const checks = (): readonly Check[] => [
  {
    name: 'types',
    commands: [
      [bin('typescript', 'bin', 'tsc'), '--noEmit', '-p', 'tsconfig.json'],
      [bin('typescript', 'bin', 'tsc'), '--noEmit', '-p', join('apps', 'web', 'tsconfig.json')],
    ],
  },
  {
    name: 'lint',
    commands: [
      [bin('oxlint', 'bin', 'oxlint')],
      [
        bin('dependency-cruiser', 'bin', 'dependency-cruiser.mjs'),
        '--config',
        '.dependency-cruiser.cjs',
        '--output-type',
        'err',
        'apps',
        'packages',
        'temporal',
      ],
    ],
  },
  ...(existsSync(join(root, 'scripts', 'generate.ts'))
    ? [{ name: 'generated files', commands: [[join('scripts', 'generate.ts'), '--check']] }]
    : []),
]

const main = async (): Promise<Tally> => {
  await ensureSystemPackages(say)
  await temporalPath(say)
  await temporalTestServerPath(say)
  if (chosen.length > 0) return runTests()
  let tally: Tally = { passed: 0, failed: 0 }
  for (const check of checks()) tally = add(tally, await runCheck(check))
  await ensureWebBuilt(root, say)
  return add(tally, await runTests())
}

const runCheck = async (check: Check): Promise<Tally> => {
  say(`checking ${check.name} …`)
  const started = performance.now()
  let ok = true
  // All of a check's commands run, so that one pass shows all there is to mend.
  for (const command of check.commands) ok = (await run(command)) === 0 && ok
  say(`${check.name}: ${ok ? 'in order' : 'FAILED'} (${((performance.now() - started) / 1000).toFixed(1)} s)`)
  return whole(ok)
}

const runTests = async (): Promise<Tally> => {
  say('running the tests …')
  const reportPath = bin('.cache', 'gatehouse', `test-report-${process.pid}.json`)
  mkdirSync(dirname(reportPath), { recursive: true })
  const code = await run([
    bin('vitest', 'vitest.mjs'),
    'run',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${reportPath}`,
    ...chosen,
  ])
  const tally = tallyReport(readReport(reportPath), code)
  rmSync(reportPath, { force: true })
  return tally
}

const readReport = (path: string): unknown => {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch {
    return null // the runner died before it could write one
  }
}

const run = (command: readonly string[]): Promise<number | null> =>
  new Promise((resolve) => {
    // The pinned Node comes first on the PATH, for whatever the tests run by name.
    const env = {
      ...process.env,
      PATH: `${dirname(process.execPath)}:${process.env.PATH ?? ''}`,
      FORCE_COLOR: process.stdout.isTTY ? '1' : '0',
    }
    const child = spawn(process.execPath, command, { cwd: root, env, stdio: ['ignore', 'inherit', 'inherit'] })
    child.once('error', () => resolve(null))
    child.once('close', resolve)
  })

const explain = (error: unknown): string =>
  error instanceof MissingProgramError || error instanceof ServerSetupError || error instanceof WebBuildError
    ? error.message
    : error instanceof Error
      ? (error.stack ?? error.message)
      : String(error)

const tally = await main().catch((error: unknown): Tally => {
  console.error(`gatehouse: ${explain(error)}`)
  return whole(false)
})
console.log(`${tally.passed} passed, ${tally.failed} failed`)
process.exitCode = tally.failed === 0 && tally.passed > 0 ? 0 : 1
if (process.connected) process.disconnect()
