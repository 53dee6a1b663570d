import { resolve } from 'node:path'
import type { Cli } from './cli.ts'
import { usageError } from './cli-error.ts'
import { textOf, type Arguments } from './parse-arguments.ts'
import { policyEngine } from './policy-engine.ts'
import { printable } from './printable.ts'
import { showJson } from './show-output.ts'

interface TestRun {
  readonly policyVersion: string
  readonly passed: number
  readonly failed: number
  readonly cases: readonly { readonly file: string; readonly name: string; readonly difference: string | null }[]
}

/** Runs suites of cases: of a directory here, or of the server by what is in force there. Exit 1 unless all pass. */
export const runPolicyTest = async (cli: Cli, { values }: Arguments): Promise<number> => {
  const directory = textOf(values, 'directory')
  const run =
    directory === null ? await (await cli.client()).call('policy.test', {}) : await ofDirectory(cli, directory)
  if (cli.options.form === 'json') showJson(cli, run)
  else showRun(cli, run)
  return run.failed === 0 && run.passed > 0 ? 0 : 1
}

async function ofDirectory({ config }: Cli, directory: string): Promise<TestRun> {
  const { PolicyError, testDirectory } = await policyEngine()
  try {
    const { policyVersion, results } = await testDirectory(resolve(config.cwd, directory))
    const cases = results.map((one) => ({ ...one, passed: one.difference === null }))
    const failed = cases.filter(({ passed }) => !passed).length
    return { policyVersion, passed: cases.length - failed, failed, cases }
  } catch (error) {
    if (error instanceof PolicyError) throw usageError(error.message)
    throw error
  }
}

function showRun({ terminal, options }: Cli, { passed, failed, cases }: TestRun): void {
  for (const { file, name, difference } of cases)
    if (difference !== null) terminal.out(`${printable(`${file}: ${name}: ${difference}`)}\n`)
  if (!options.quiet) terminal.out(`${passed} passed, ${failed} failed\n`)
}
