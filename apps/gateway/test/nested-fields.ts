// Threat C1 for the nested fields of GraphQL: a way through things decides as the way to the thing itself.
import { edges, edgeAt, operations, type Edge, type OperationName } from '@gatehouse/contract'
import pg from 'pg'
import { getNamedType, isObjectType } from 'graphql'
import { beforeAll, describe, expect, test } from 'vitest'
import { buildSchema } from '../src/transports/graphql-schema.ts'
import { dataOf, perMinute, type Chain } from './chain-gateway.ts'

interface Told {
  readonly data: Record<string, unknown> | null
  readonly errors?: readonly { readonly path?: readonly (string | number)[]; readonly extensions: { code: string } }[]
}

type Thing = Readonly<Record<string, unknown>>

/** Where things of a type are met: a list, what stands in it, and how a document says that. */
interface Way {
  readonly list: OperationName
  readonly field: string
  readonly within: (item: Thing) => readonly Thing[]
  readonly written: (fields: string) => string
  /** The path from an item to one of its things. */
  readonly path: (at: number) => readonly (string | number)[]
}

const itself = (list: OperationName, field: string): Way => ({
  list,
  field,
  within: (item) => [item],
  written: (fields) => fields,
  path: () => [],
})
const part = (name: string): Pick<Way, 'within' | 'written' | 'path'> => ({
  within: (item) => [item[name] as Thing],
  written: (fields) => `${name} { ${fields} }`,
  path: () => [name],
})

const ways: Readonly<Record<string, Way>> = {
  SshHost: itself('sshHost.list', 'sshHostList'),
  Lease: itself('lease.list', 'leaseList'),
  SshKey: itself('sshKey.list', 'sshKeyList'),
  SshCertificate: itself('sshCertificate.list', 'sshCertificateList'),
  User: itself('user.list', 'userList'),
  TeamMember: {
    ...itself('team.list', 'teamList'),
    within: ({ members }) => members as Thing[],
    written: (fields) => `members { ${fields} }`,
    path: (at) => ['members', at],
  },
  Session: itself('session.list', 'sessionList'),
  Workspace: itself('workspace.list', 'workspaceList'),
  ServiceAccount: itself('serviceAccount.list', 'serviceAccountList'),
  ApiToken: itself('apiToken.list', 'apiTokenList'),
  Approval: itself('approval.list', 'approvalList'),
  AuditEntry: itself('audit.search', 'auditSearch'),
  AuditPrincipal: { ...itself('audit.search', 'auditSearch'), ...part('principal') },
  AuditResource: { ...itself('audit.search', 'auditSearch'), ...part('resource') },
}

/** A key as hosts show it: its kind and 32 bytes, each with its length before it. */
const framed = (bytes: Buffer): Buffer => Buffer.concat([Buffer.from([0, 0, 0, bytes.length]), bytes])
const keyBytes = Buffer.concat([framed(Buffer.from('ssh-ed25519')), framed(Buffer.alloc(32, 7))])
/** A host key that can be read. */
export const hostKey = `ssh-ed25519 ${keyBytes.toString('base64')}`

/** Met in no list: its one edge is that of sessions, in another type. */
const unmet = ['OnCall']
const people = ['ada-admin', 'agnes-auditor', 'oscar-operator', 'dora-developer', 'vera-viewer']
const itemsMax = 6

/** As little of an answer as tells one from another. */
const askedOf = ({ operation, field }: Edge): string => {
  if (operations[operation].list !== undefined) return `${field}(first: 3) { edges { node { id } } }`
  const hasId = !['environment.list'].includes(operation)
  return `${field} { ${hasId && operation !== 'calendar.get' ? 'id' : '__typename'} }`
}

/** What an answer is known by: its ids, or that it is there. */
function known(answer: unknown): unknown {
  const { edges: nodes, items, id } = answer as { edges?: { node: Thing }[]; items?: Thing[]; id?: string }
  if (nodes !== undefined) return nodes.map(({ node }) => node['id'])
  return items === undefined ? (id ?? 'there') : items.map((item) => item['id'])
}

/** The hosts that a document has asked for. */
function hostsOf<Node = Thing>(data: Told['data']): readonly { readonly node: Node }[] {
  const list = data?.['sshHostList'] as { edges: { node: Node }[] } | null | undefined
  return list?.edges ?? []
}

/** Tests of nested fields. */
export function testNestedFields(running: () => Chain): void {
  const told = async (query: string, as: string, from?: string): Promise<Told> => {
    const answered = await running().post('/graphql', { query }, { as, ...(from === undefined ? {} : { from }) })
    return JSON.parse(answered.text) as Told
  }

  describe('C1: nested fields', () => {
    // forty hosts, each with a lease of somebody else
    beforeAll(async () => {
      await running().admin.query('update ssh_host set host_key = $1', [hostKey])
      await running().admin.query(`
        with host as (insert into ssh_host (id, name, workspace_id, address, port, user_name, access, principals,
            source_addresses, host_key)
          select gen_random_uuid(), 'nested-' || n, 'default', '192.0.2.' || n + 100, 22, 'root', 'ca', '{root}',
            '{192.0.2.1/32}', '${hostKey}' from generate_series(1, 40) n returning id),
        numbered as (select id, row_number() over () as n from host),
        holder as (select id, username, row_number() over (order by username) - 1 as n from users)
        insert into lease (id, backend, role, host_id, workspace_id, purpose, principal_type, principal_id,
          principal_name, state, issued_at, expires_at)
        select gen_random_uuid(), 'ssh-key', 'root', numbered.id, 'default', 'test', 'User', holder.id::text,
          holder.username, 'expired', now(), now()
        from numbered join holder on holder.n = numbered.n % (select count(*) from users)`)
    })

    test('there is no field with an argument that is neither an operation nor a declared edge', () => {
      const schema = buildSchema()
      const roots = new Set([schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()])
      const fields = Object.values(schema.getTypeMap())
        .filter(isObjectType)
        // Apollo instruments the one type that all schemas share
        .filter((type) => !roots.has(type) && !type.name.startsWith('__') && type.name !== 'PageInfo')
        .flatMap((type) => Object.values(type.getFields()).map((field) => ({ type, field })))
      const doing = fields.filter(({ field }) => field.args.length > 0 || field.resolve !== undefined)
      expect(doing.filter(({ type, field }) => edgeAt(type.name, field.name) === undefined)).toEqual([])
      expect(doing).toHaveLength(edges.length)
      for (const { type, field } of doing) {
        const answer = getNamedType(field.type)
        expect(isObjectType(answer), `${type.name}.${field.name}`).toBe(true)
      }
    })

    test('of every type and for every role decide as the operation itself, and answer the same', async () => {
      const types = new Set(edges.map(({ on }) => on))
      expect([...types].filter((type) => !(type in ways)).toSorted()).toEqual(unmet)
      const seen = new Map<string, number>()
      const direct = new Map<string, Promise<unknown>>()
      const asOperation = (name: OperationName, input: Thing, as: string): Promise<unknown> => {
        const key = `${as} ${name} ${JSON.stringify(input)}`
        const found = direct.get(key) ?? running().trpc(name, input, { as }).then(codeOrKnown)
        direct.set(key, found)
        return found
      }
      for (const as of people)
        for (const type of Object.keys(ways)) await compare({ type, as, seen, told, asOperation, running })
      // each edge has led somewhere, and each kind of outcome was met
      const met = [...seen.keys()]
      expect(met.filter((key) => key.endsWith(' ok')).length).toBeGreaterThan(30)
      expect(met.filter((key) => key.endsWith(' forbidden') || key.endsWith(' not-found')).length).toBeGreaterThan(5)
    }, 180_000)

    test('are audited as the operation is, once for each thing, however many fields lead to it', async () => {
      const count = async (): Promise<number> => {
        const { rows } = await running().admin.query<{ count: number }>(
          "select count(*)::int as count from audit_entry where action = 'workspace.get'",
        )
        return rows[0]?.count ?? 0
      }
      const before = await count()
      const { data } = await told(
        '{ sshHostList { edges { node { a: workspaceDetails { id } b: workspaceDetails { name } } } } }',
        'ada-admin',
      )
      const hosts = hostsOf<{ a: { id: string } }>(data)
      const workspaces = new Set(hosts.map(({ node }) => node.a.id))
      expect(workspaces.size).toBeGreaterThan(0)
      expect((await count()) - before).toBe(workspaces.size)
    })

    test('do not count for the limit of calls, and root fields do', async () => {
      const from = '198.51.100.77'
      const nested = '{ sshHostList(first: 30) { edges { node { leases(first: 1) { edges { node { id } } } } } } }'
      const one = await told(nested, 'oscar-operator', from)
      const hosts = hostsOf(one.data)
      expect(hosts.length).toBeGreaterThan(perMinute)
      expect(one.errors).toBeUndefined()
      const aliases = Array.from({ length: perMinute + 1 }, (_, at) => `a${at}: authWhoami { id }`).join(' ')
      const roots = await told(`{ ${aliases} }`, 'oscar-operator', from)
      expect(roots.errors?.map(({ extensions }) => extensions.code)).toContain('rate-limited')
    })

    test('are refused in a change and in a stream, before either does anything', async () => {
      const change = 'mutation { teamCreate(input: { name: "never" }) { members { user { id } } } }'
      expect((await told(change, 'ada-admin')).errors?.[0]?.extensions.code).toBe('invalid-input')
      const query = 'subscription { leaseWatch { host { id } } }'
      const { text } = await running().post('/graphql/stream', { query }, { as: 'ada-admin' })
      expect(JSON.parse(text)).toMatchObject({ errors: [{ extensions: { code: 'invalid-input' } }] })
      const { rows } = await running().admin.query("select 1 from team where name = 'never'")
      expect(rows).toEqual([])
    })

    test('of ten times as many things ask the database no more often', async () => {
      const ask = async (first: number): Promise<{ statements: number; things: number }> => {
        const statements = await counted(async () => {
          const fields = 'leases(first: 2) { edges { node { id holder { id } } } } workspaceDetails { id }'
          const query = `{ sshHostList(first: ${first}) { edges { node { id ${fields} } } } }`
          const { data, errors } = await told(query, 'ada-admin')
          expect(errors).toBeUndefined()
          things = hostsOf(data).length
        })
        return { statements, things }
      }
      let things = 0
      const [few, many] = [await ask(3), await ask(30)]
      expect(few.things).toBe(3)
      expect(many.things).toBe(30)
      expect(many.statements).toBeLessThanOrEqual(few.statements + 4)
      // the same by calls of their own, to know that statements are counted
      const alone = await counted(async () => {
        for (let at = 0; at < 30; at += 1) await running().trpc('lease.list', { first: 2 }, { as: 'ada-admin' })
      })
      expect(alone).toBeGreaterThan(many.statements + 30)
    })
  })
}

/** Statements that read what these documents are about, of this whole process. */
async function counted(work: () => Promise<void>): Promise<number> {
  const texts: string[] = []
  const { query } = pg.Client.prototype
  const counting = function (this: pg.Client, ...args: readonly unknown[]): unknown {
    const [asked] = args
    texts.push(typeof asked === 'string' ? asked : String((asked as { text?: string }).text))
    return Reflect.apply(query, this, args)
  }
  pg.Client.prototype.query = counting as typeof query
  try {
    await work()
  } finally {
    pg.Client.prototype.query = query
  }
  return texts.filter((text) => /\b(lease|ssh_host|workspace|users)\b/.test(text) && !/insert|update/i.test(text))
    .length
}

interface Compared {
  readonly type: string
  readonly as: string
  readonly seen: Map<string, number>
  readonly told: (query: string, as: string) => Promise<Told>
  readonly asOperation: (name: OperationName, input: Thing, as: string) => Promise<unknown>
  readonly running: () => Chain
}

/** Asks each edge of a type by its things, and its operation by itself. */
async function compare({ type, as, seen, told, asOperation, running }: Compared): Promise<void> {
  const way = ways[type]
  if (way === undefined) throw new TypeError(type)
  const mine = edges.filter(({ on }) => on === type)
  // a log that grows is read up to where it stood
  const until = way.list === 'audit.search' ? { to: new Date().toISOString() } : {}
  const listed = await running().trpc(way.list, { first: itemsMax, ...until }, { as })
  if (listed.status !== 200) return
  const { items } = dataOf(listed) as { items: Thing[] }
  const input = 'to' in until ? `, input: { to: "${until.to}" }` : ''
  const inside = `{ edges { node { ${way.written(mine.map(askedOf).join(' '))} } } }`
  const { data, errors = [] } = await told(`{ ${way.field}(first: ${itemsMax}${input}) ${inside} }`, as)
  expect(data?.[way.field], `${type} for ${as}: ${JSON.stringify(errors)}`).not.toBeNull()
  for (const [at, item] of items.entries())
    for (const [inner, thing] of way.within(item).entries())
      for (const edge of mine) {
        const path = [way.field, 'edges', at, 'node', ...way.path(inner), edge.field]
        const wanted = edge.input(thing as never)
        const asked = edge.many
          ? (wanted as Thing[]).map((one, nth) => [one, [...path, nth]] as const)
          : [[wanted, path] as const]
        for (const [one, place] of asked) {
          const nested = outcomeAt({ data, errors }, place)
          const alone = one === null ? 'null' : await asOperation(edge.operation, limited(edge, one as Thing), as)
          expect([as, type, edge.field, nested]).toEqual([as, type, edge.field, alone])
          const kind = typeof alone === 'string' && /^[a-z-]+$/.test(alone) && alone !== 'there' ? alone : 'ok'
          const key = `${as} ${type}.${edge.field} ${kind}`
          seen.set(key, (seen.get(key) ?? 0) + 1)
        }
      }
}

const limited = ({ operation }: Edge, input: Thing): Thing =>
  operations[operation].list === undefined ? input : { ...input, first: 3 }

function outcomeAt(
  { data, errors }: Pick<Told, 'data'> & { errors: NonNullable<Told['errors']> },
  path: readonly (string | number)[],
): unknown {
  const error = errors.find((one) => JSON.stringify(one.path) === JSON.stringify(path))
  if (error !== undefined) return error.extensions.code
  const value = path.reduce<unknown>((at, step) => (at as Record<string, unknown>)[step], data)
  return value === null ? 'null' : known(value)
}

function codeOrKnown({ text }: { readonly text: string }): unknown {
  const body = JSON.parse(text) as { error?: { data: { refusal: { code: string } } }; result?: { data: unknown } }
  return body.error === undefined ? known(body.result?.data) : body.error.data.refusal.code
}
