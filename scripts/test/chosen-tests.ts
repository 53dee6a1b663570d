/** What a run of the tests is asked for. */
export interface TestRequest {
  /** Files or folders named by hand; empty: everything. */
  readonly named: readonly string[]
  /** Only what the changes since this commit can break; null: no such limit. */
  readonly changedSince: string | null
  /** Full volumes instead of a seeded sample of each. */
  readonly volume: TestVolume
}

/** `full` runs every fuzz, model and race to its whole count; `sample` runs a seeded part of each. */
export type TestVolume = 'full' | 'sample'

const changedFlag = /^--changed(?:=(.+))?$/

/** Reads `npm test -- [--changed[=COMMIT]] [--long] [files …]`. Without a commit, what is not committed counts. */
export const parseTestRequest = (args: readonly string[]): TestRequest => {
  const changed = args.map((arg) => changedFlag.exec(arg)).find((match) => match !== null)
  return {
    named: args.filter((arg) => !changedFlag.test(arg) && arg !== '--long'),
    changedSince: changed === undefined ? null : (changed?.[1] ?? 'HEAD'),
    volume: args.includes('--long') ? 'full' : 'sample',
  }
}

/** A whole system is driven from outside, so no import leads from its test to what it tests: this table does. */
const DRIVEN_FROM_OUTSIDE: readonly { readonly changed: RegExp; readonly tests: readonly string[] }[] = [
  { changed: /^apps\/web\//, tests: ['test/e2e/web.test.ts', 'test/e2e/web-gallery.test.ts'] },
  { changed: /^packages\/cli\//, tests: ['test/e2e/cli.test.ts'] },
  { changed: /^apps\/gateway\//, tests: ['test/e2e/interfaces.test.ts', 'test/e2e/outcomes.test.ts'] },
  { changed: /^packages\/(contract|enforcement|compose)\//, tests: ['test/e2e/outcomes.test.ts'] },
  { changed: /^(temporal|apps\/worker)\//, tests: ['test/e2e/temporal.test.ts'] },
  { changed: /^(policies|packages\/policy)\//, tests: ['test/e2e/policy.test.ts'] },
  { changed: /^scripts\/(supervisor|bootstrap)\//, tests: ['test/e2e/start.test.ts'] },
]

const workspaceOf = (path: string): string | null =>
  /^(?:(?:apps|packages)\/[^/]+|temporal|policies)\//.exec(path)?.[0] ?? null

/** The tests that belong to changed files: their workspaces' own, and those that drive them from outside. */
export const testsOfChanges = (changed: readonly string[]): readonly string[] => {
  const workspaces = changed.map(workspaceOf).filter((workspace) => workspace !== null)
  const driven = DRIVEN_FROM_OUTSIDE.flatMap(({ changed: part, tests }) =>
    changed.some((path) => part.test(path)) ? tests : [],
  )
  const themselves = changed.filter((path) => path.endsWith('.test.ts'))
  return [...new Set([...workspaces, ...driven, ...themselves])].toSorted()
}
