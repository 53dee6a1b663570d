import { execFileSync } from 'node:child_process'
import { readFileSync, readdirSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const below = (directory: string): string[] =>
  readdirSync(join(root, directory))
    .map((name) => join(directory, name))
    .filter((path) => statSync(join(root, path)).isDirectory())
const workspaces = [...below('apps'), ...below('packages'), 'temporal']

interface Manifest {
  readonly name: string
  readonly license?: string
  readonly type?: string
  readonly scripts?: Readonly<Record<string, string>>
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
}
const manifestOf = (workspace: string): Manifest =>
  JSON.parse(readFileSync(join(root, workspace, 'package.json'), 'utf8')) as Manifest // asserted field by field below

// New files count before they are committed, deleted ones no longer do.
const filesOf = (...patterns: readonly string[]): readonly string[] =>
  execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', ...patterns], {
    cwd: root,
    encoding: 'utf8',
  })
    .split('\n')
    .filter((path) => path !== '' && statSync(join(root, path), { throwIfNoEntry: false }) !== undefined)
const sources = filesOf('*.ts', '*.tsx')
const scripts = filesOf('*.mjs', '*.cjs')
const serverSources = sources.filter((path) => /^(apps\/(gateway|worker)|packages|temporal)\//.test(path))
const isTest = (path: string) => /\.test(-d)?\.tsx?$|\/test\/|\/testdata\/|^packages\/testkit\//.test(path)
const holding = (paths: readonly string[], pattern: RegExp) =>
  paths.filter((path) => pattern.test(withoutComments(readFileSync(join(root, path), 'utf8'))))
const withoutComments = (text: string) => text.replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/^\s*\/\/.*$/gm, '')

const linesOver = (path: string, lengthMax: number): readonly string[] =>
  readFileSync(join(root, path), 'utf8')
    .split('\n')
    .flatMap((line, at) => (line.length > lengthMax ? [`${path}:${at + 1}`] : []))

describe('every workspace', () => {
  // Turborepo silently skips a workspace that lacks a script.
  it.for(workspaces)('%s has the scripts the others have', (workspace) => {
    expect(manifestOf(workspace).scripts).toMatchObject({
      typecheck: 'tsc --noEmit -p tsconfig.json',
      test: expect.stringContaining('vitest run'),
    })
  })

  it.for(workspaces)('%s is an ES module of ours under our licence', (workspace) => {
    expect(manifestOf(workspace)).toMatchObject({
      name: expect.stringMatching(/^@gatehouse\//),
      type: 'module',
      license: 'Apache-2.0',
    })
  })

  it.for(workspaces)('%s pins each of its packages to one version', (workspace) => {
    const { dependencies = {}, devDependencies = {} } = manifestOf(workspace)
    for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies })) {
      expect(version, name).toMatch(name.startsWith('@gatehouse/') ? /^\*$/ : /^\d+\.\d+\.\d+(-[\w.]+)?$/)
    }
  })

  it('uses the one version of a package that the others use', () => {
    const versions = new Map<string, Set<string>>()
    for (const workspace of ['', ...workspaces]) {
      const { dependencies = {}, devDependencies = {} } = manifestOf(workspace)
      for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies }))
        versions.set(name, (versions.get(name) ?? new Set()).add(version))
    }
    expect([...versions].filter(([, found]) => found.size > 1).map(([name]) => name)).toEqual([])
  })

  it('leaves the testkit to the root, since a cycle through it would stop Turborepo', () => {
    expect(
      workspaces.filter(
        (workspace) =>
          '@gatehouse/testkit' in { ...manifestOf(workspace).dependencies, ...manifestOf(workspace).devDependencies },
      ),
    ).toEqual([])
  })
})

describe('the sources', () => {
  it('are named in kebab case', () => {
    // `$` belongs to a route's parameter
    const wrong = sources.filter((path) => !/^([a-z0-9$.]+(-[a-z0-9.]+)*)$/.test(path.split('/').at(-1) ?? ''))
    expect(wrong).toEqual([])
  })

  it('read the environment only where settings are read', () => {
    const allowed = /^packages\/(config|cli)\/|^apps\/(gateway|worker)\/src\/(config|main)\.ts$/
    expect(
      holding(
        serverSources.filter((path) => !isTest(path) && !allowed.test(path)),
        /\bprocess\.env\b/,
      ),
    ).toEqual([])
  })

  it('take time and chance from the ports for them', () => {
    const allowed = /\/(clock|random)\.ts$/
    expect(
      holding(
        serverSources.filter((path) => !isTest(path) && !allowed.test(path)),
        /\bDate\.now\(\)|\bMath\.random\(\)|\bnew Date\(\)/,
      ),
    ).toEqual([])
  })

  // One PostgreSQL serves the whole run: a test once ended the sessions of its neighbours.
  it('end sessions of their own database, or of one login, only', () => {
    // as a statement that has no more than this
    const ofOne = String.raw`\((?:pg_backend_pid|\$\{pid\})`
    const ofAll = new RegExp(`pg_terminate_backend(?!${ofOne}|[^\`]{0,200}(?:datname|usesysid = ))`)
    expect(
      holding(
        sources.filter((path) => path !== 'test/repository.test.ts'),
        ofAll,
      ),
    ).toEqual([])
  })

  it('hold no two versions of which a merge did not choose one', () => {
    const marks = /^(<{7} |={7}$|>{7} )/m
    const texts = filesOf('*.md', '*.ts', '*.tsx', '*.json', '*.toml', '*.yml', '*.yaml', '*.cedar', '*.css')
    const golden = /\/testdata\//
    expect(texts.filter((path) => !golden.test(path) && marks.test(readFileSync(join(root, path), 'utf8')))).toEqual([])
  })

  it('have no line over 120 characters, which the formatter leaves in texts, templates and comments', () => {
    const generated = /\/generated\/|generated-commands\.ts$|\/testdata\//
    const tooLong = [...sources, ...scripts]
      .filter((path) => !generated.test(path))
      .flatMap((path) => linesOver(path, 120))
    expect(tooLong).toEqual([])
  })

  it('have no file named for nothing', () => {
    expect(sources.filter((path) => /(^|\/)(utils?|helpers?|common|misc)(\.tsx?|\/)/.test(path))).toEqual([])
  })
})

// npm hands a signal to the shell it started. Without `exec` the shell takes it for itself and leaves the system
// running on its own.
it('the programs that run until they are told to stop are told', () => {
  expect(manifestOf('.').scripts).toMatchObject({
    start: 'exec node scripts/start.mjs',
    gateway: 'exec node scripts/gateway.mjs',
    test: 'exec node scripts/test.mjs',
  })
})

it('what the continuous integration runs is what a person runs', () => {
  const script = readFileSync(join(root, '.ci', 'run'), 'utf8')
  expect(script.split('\n').filter((line) => line.trim() !== '' && !/^(#|set |cd )/.test(line))).toEqual(['npm test'])
})

describe('the threat model', () => {
  const text = readFileSync(join(root, 'docs', 'threat-model.md'), 'utf8')
  const files = new Map(
    [...text.matchAll(/^\[([^\]]+)\]: \.\.\/(\S+)$/gm)].map(([, name = '', path = '']) => [name, path]),
  )
  const named = [...text.matchAll(/^\| ([CEFI]\d+) \| \[([^\]]+)\] \| (.+) \|$/gm)].map(
    ([, row = '', file = '', test = '']) => ({ row, path: files.get(file) ?? file, test }),
  )

  it('names a test for each row of surface, keys and audit log', () => {
    const keys = ['E4', 'E5', 'E7', 'E8', 'E9', 'E10', 'I13']
    const surface = Array.from({ length: 18 }, (_, at) => `C${at + 1}`)
    const rows = [...surface, ...keys, ...[1, 2, 3, 4, 5, 6].map((at) => `F${at}`)]
    expect(rows.filter((row) => !named.some((one) => one.row === row))).toEqual([])
  })

  it('names tests that are there, each in its file', () => {
    const lost = named.filter(({ path, test }) => !readFileSync(join(root, path), 'utf8').includes(test))
    expect(lost).toEqual([])
  })
})

it('every decision stands in the list of them, by its title', () => {
  const list = readFileSync(join(root, 'docs', 'adr', 'README.md'), 'utf8')
  const decisions = filesOf('docs/adr/[0-9]*.md').map((path) => path.replace('docs/adr/', ''))
  expect(decisions.length).toBeGreaterThan(50)
  expect(decisions.filter((name) => !list.includes(`| [${name.slice(0, 3)}](${name}) | `))).toEqual([])
})
