import { globSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { expect, test } from 'vitest'
import { domains, tables } from './domains.ts'

const root = resolve(import.meta.dirname, '../../..')

/** Which package owns a table. */
const owners = new Map<string, string>(
  Object.entries(domains).flatMap(([owner, domain]) =>
    Object.keys(domain.tables).map((table) => [table, owner] as const),
  ),
)

interface Touch {
  readonly place: string
  readonly table: string
  readonly writes: boolean
}

/** How SQL names a table: by a builder anywhere, and as text in queries. Prose and imports say "from" as well. */
const patterns = {
  written: {
    built: /(?:insertInto|updateTable|deleteFrom)\('(\w+)/g,
    typed: /\b(?:insert into|update|delete from) (\w+)/g,
  },
  read: { built: /(?:selectFrom|[jJ]oin)\(\s*'(\w+)/g, typed: /\b(?:from|join) (\w+)/g },
}

const tablesIn = (text: string, pattern: RegExp): string[] =>
  [...text.matchAll(pattern)].map(([, table = '']) => table).filter((table) => table in tables)

const sources = globSync(['packages/*/src/**/*.ts', 'apps/*/src/**/*.ts', 'temporal/src/**/*.ts'], {
  cwd: root,
}).filter((path) => !/\.test\.ts$|^packages\/(database|testkit)\//.test(path))

const touches: readonly Touch[] = sources.flatMap((path) => {
  const text = readFileSync(resolve(root, path), 'utf8')
  const place = path.startsWith('packages/') ? (path.split('/')[1] ?? '') : 'compose' // apps are compose's own
  const touched = ({ built, typed }: (typeof patterns)['read'], writes: boolean): Touch[] =>
    [built, ...(path.endsWith('.queries.ts') ? [typed] : [])]
      .flatMap((pattern) => tablesIn(text, pattern))
      .map((table) => ({ place, table, writes }))
  return [...touched(patterns.written, true), ...touched(patterns.read, false)]
})

const foreign = (writes: boolean): string[] =>
  [
    ...new Set(touches.filter((one) => one.writes === writes && owners.get(one.table) !== one.place).map(said)),
  ].toSorted()
const said = ({ place, table }: Touch): string => `${place}: ${table}`

test('each table has one owner', () => {
  const answered = Object.values(domains).flatMap((domain) => Object.keys(domain.tables))
  expect(answered.toSorted()).toEqual(Object.keys(tables).toSorted())
  expect(touches.length).toBeGreaterThan(100)
})

test('nobody but its owner writes to a table', () => {
  expect(foreign(true)).toEqual([])
})

test('nobody but its owner reads a table', () => {
  expect(foreign(false)).toEqual([])
})
