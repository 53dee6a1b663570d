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

const written = /(?:insertInto|updateTable|deleteFrom)\('(\w+)|\b(?:insert into|update|delete from) (\w+)/g
const read = /(?:selectFrom|[jJ]oin)\(\s*'(\w+)|\b(?:from|join) (\w+)/g

const tablesIn = (text: string, pattern: RegExp): string[] =>
  [...text.matchAll(pattern)].map(([, built, typed]) => built ?? typed ?? '').filter((table) => table in tables)

const touches: readonly Touch[] = globSync(['packages/*/src/**/*.ts', 'apps/*/src/**/*.ts'], { cwd: root })
  .filter((path) => path.endsWith('.queries.ts'))
  .flatMap((path) => {
    const text = readFileSync(resolve(root, path), 'utf8')
    const place = path.startsWith('apps/') ? 'compose' : (path.split('/')[1] ?? '') // apps are compose's own
    const touched = (pattern: RegExp, writes: boolean): Touch[] =>
      tablesIn(text, pattern).map((table) => ({ place, table, writes }))
    return [...touched(written, true), ...touched(read, false)]
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

/** What still reads past an owner. The list may only get shorter: whoever needs more asks the owner for it. */
const knownReads = [
  'audit: users',
  'audit: workspace',
  'audit: workspace_team',
  'compose: api_token',
  'compose: approval',
  'compose: audit_entry',
  'compose: audit_pending',
  'compose: authenticator',
  'compose: backup_code',
  'compose: backup_code_set',
  'compose: guess_throttle',
  'compose: lease',
  'compose: service_account',
  'compose: session',
  'compose: ssh_host',
  'compose: user_role',
  'compose: users',
  'secrets: service_account',
  'secrets: users',
  'secrets: workspace',
  'secrets: workspace_team',
  'ssh: lease',
  'ssh: workspace',
]

test('nobody reads a table of others but where it is known', () => {
  expect(foreign(false)).toEqual(knownReads)
})
