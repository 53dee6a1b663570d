import { describe, expect, it } from 'vitest'
import { partsOf, runCommandLine, shellLines, tryCommand } from './material-words.ts'

const none = {
  username: null,
  password: null,
  url: null,
  host: null,
  port: null,
  database: null,
  authority: null,
  accessKeyId: null,
  secretAccessKey: null,
  sessionToken: null,
  region: null,
  token: null,
  fields: [],
} as const
const postgres = {
  ...none,
  kind: 'postgres',
  username: 'v-l1',
  password: "it's; rm",
  host: 'db.example.org',
  port: 5432,
  database: 'shop',
  url: 'postgresql://v-l1:x@db.example.org/shop?sslmode=verify-full',
  fields: [],
} as const

describe('a credential as it is taken along', () => {
  it('is lines for a shell, in which no value is read as anything else', () => {
    expect(shellLines({ ...postgres, fields: [] }).split('\n')).toEqual([
      "export PGHOST='db.example.org'",
      "export PGPORT='5432'",
      "export PGUSER='v-l1'",
      String.raw`export PGPASSWORD='it'\''s; rm'`,
      "export PGDATABASE='shop'",
      "export PGSSLMODE='verify-full'",
      "export DATABASE_URL='postgresql://v-l1:x@db.example.org/shop?sslmode=verify-full'",
    ])
    expect(shellLines({ ...postgres, authority: 'PEM', fields: [] })).toContain("export PGSSLROOTCERT='authority.pem'")
  })

  it('takes away what another credential left', () => {
    expect(shellLines({ ...none, kind: 'upcloud', token: 'ucat_1', fields: [] })).toContain('unset UPCLOUD_PASSWORD')
  })

  it('hides every part that may be a secret', () => {
    const secrets = (material: Parameters<typeof partsOf>[0]): readonly string[] =>
      partsOf(material).flatMap(({ name, secret }) => (secret ? [name] : []))
    expect(secrets({ ...postgres, fields: [] })).toEqual(['Password', 'Connection URL'])
    const fields = [
      { name: 'username', value: 'v' },
      { name: 'anything', value: 'w' },
    ]
    expect(secrets({ ...none, kind: 'vault', fields })).toEqual(['anything'])
  })

  it('is tried by what everybody has, and used without copying next time', () => {
    const issued = { lease: { role: 'shop-read' }, material: { ...postgres, fields: [] } } as unknown as Parameters<
      typeof runCommandLine
    >[0] // the role and the material are all that is read of it
    expect(tryCommand(issued)).toBe('psql')
    expect(runCommandLine(issued)).toBe('npx --no-install gatehouse lease run shop-read -- psql')
  })
})
