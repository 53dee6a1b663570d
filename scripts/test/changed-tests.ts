import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { testsOfChanges } from './chosen-tests.ts'

/** Files that differ from a commit, with those that git does not know yet. Throws git's own words for a bad commit. */
export const changedFiles = (root: string, commit: string): readonly string[] => {
  const git = (...args: string[]): string => execFileSync('git', args, { cwd: root, encoding: 'utf8' })
  const differing = git('diff', '--name-only', commit)
  const unknown = git('ls-files', '--others', '--exclude-standard')
  return `${differing}\n${unknown}`.split('\n').filter((path) => path !== '')
}

/**
 * What a change can break, in minutes: the tests of the changed workspaces, those that drive them from outside, and all
 * unit tests that import what changed. Real-server suites of other workspaces are left to the whole run.
 */
export const testsForChanges = (root: string, commit: string): readonly string[] => {
  const changed = changedFiles(root, commit)
  return [...new Set([...testsOfChanges(changed), ...importingUnitTests(root, commit)])]
}

const importingUnitTests = (root: string, commit: string): readonly string[] => {
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs')
  const args = ['list', '--project', 'unit', '--changed', commit, '--filesOnly', '--json']
  const listed = execFileSync(process.execPath, [vitest, ...args], { cwd: root, encoding: 'utf8' })
  const files = JSON.parse(listed) as readonly { readonly file: string }[] // vitest's own form
  return files.map(({ file }) => file)
}
