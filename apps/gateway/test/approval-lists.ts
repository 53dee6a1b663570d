// Who finds which approvals: those of a workspace are for who may approve there, one's own for oneself. Of all others a
// list says nothing, whatever it is asked by.
import { beforeAll, describe, expect, test } from 'vitest'
import { codeOf, dataOf, type Asked, type Chain } from './chain-gateway.ts'

interface Made {
  readonly id: string
  readonly reason: string
}
type Listed = Readonly<Record<string, unknown>> & { readonly id: string }
interface Page {
  readonly items: readonly Listed[]
  readonly nextCursor: string | null
}

/** What GraphQL answers to `document`. */
interface Told {
  readonly data: {
    readonly answer: {
      readonly edges: readonly { readonly node: Listed }[]
      readonly pageInfo: { readonly endCursor: string; readonly hasNextPage: boolean }
    }
  }
}
interface Asking {
  readonly first?: number
  readonly after?: string
  readonly requester?: string
}
const document = `query ($first: Int, $after: String) { answer: approvalList(first: $first, after: $after) {
  edges { node { id } } pageInfo { endCursor hasNextPage } } }`

/** Three workspaces: one of the developers' team, one of no team, and one of the developers' that is archived. */
const workspaces = { ours: 'approvals-ours', theirs: 'approvals-theirs', archived: 'approvals-archived' } as const
type Place = keyof typeof workspaces

/** What was asked for, by whom it was and where; all of them are there for every test, and change in none. */
const asked = {
  doraOurs: ['dora-developer', 'ours'],
  oscarOurs: ['oscar-operator', 'ours'],
  adaTheirs: ['ada-admin', 'theirs'],
  doraTheirs: ['dora-developer', 'theirs'],
  agnesArchived: ['agnes-auditor', 'archived'],
  doraArchived: ['dora-developer', 'archived'],
  adaNowhere: ['ada-admin', null],
} as const satisfies Readonly<Record<string, readonly [string, Place | null]>>
type Name = keyof typeof asked

// a second apart, the last one now: those of one millisecond stand in the order of their ids, which are by chance
const insert = `
  insert into approval (id, action, requester_id, resource_type, resource_id, workspace_id, risk, call_hash,
      request_hash, reason, ticket, state, created_at, expires_at)
    select gen_random_uuid(), $1, u.id, 'Cluster', 'web', $2, 'medium', sha256($3::text::bytea),
      sha256($3::text::bytea), $3, 'OPS-' || $3, 'pending', now() - make_interval(secs => $5), now() + interval '1 day'
    from users u where u.username = $4 returning id, reason`

/** Who sees which of them. */
const seen: Readonly<Record<string, readonly Name[]>> = {
  'ada-admin': Object.keys(asked) as Name[], // the keys of a literal
  'agnes-auditor': Object.keys(asked) as Name[],
  'oscar-operator': ['doraOurs', 'oscarOurs', 'agnesArchived', 'doraArchived'],
  'dora-developer': ['doraOurs', 'doraTheirs', 'doraArchived'],
}

/** Tests of a chain that runs. */
export const testApprovalLists = (chain: () => Chain): void => {
  describe('a list of approvals', () => {
    const made = new Map<Name, Made>()
    const idsOf = (names: readonly Name[]): readonly string[] =>
      names.map((name) => made.get(name)?.id ?? name).toSorted()
    const all = new Set<string>()
    /** Those of these tests among what came; newest first. */
    const ours = (items: readonly Listed[]): readonly string[] => items.map(({ id }) => id).filter((id) => all.has(id))

    beforeAll(async () => {
      const { admin } = chain()
      await admin.query(
        `
        insert into workspace (id, name) select name, name from unnest($1::text[]) name`,
        [Object.values(workspaces)],
      )
      await admin.query(
        `insert into workspace_team (workspace_id, team_id) select w.id, t.id from workspace w, team t
        where w.id = any ($1) and t.name = 'developers'`,
        [[workspaces.ours, workspaces.archived]],
      )
      await admin.query('update workspace set archived_at = now() where id = $1', [workspaces.archived])
      const inOrder = Object.entries(asked)
      for (const [at, [name, [who, place]]] of inOrder.entries()) {
        const workspace = place === null ? null : workspaces[place]
        const { rows } = await admin.query<Made>(insert, [
          'deploy',
          workspace,
          `reason-of-${name}`,
          who,
          inOrder.length - 1 - at,
        ])
        for (const row of rows) {
          made.set(name as Name, row) // the keys of a literal
          all.add(row.id)
        }
      }
    })

    const listOver = async (over: 'trpc' | 'graphql', input: Asking, given: Asked): Promise<Page> => {
      if (over === 'trpc') return dataOf(await chain().trpc('approval.list', input, given)) as unknown as Page
      const { first, after } = input
      const { text } = await chain().post('/graphql', { query: document, variables: { first, after } }, given)
      const { edges, pageInfo } = (JSON.parse(text) as Told).data.answer
      return { items: edges.map(({ node }) => node), nextCursor: pageInfo.hasNextPage ? pageInfo.endCursor : null }
    }

    test.for(Object.entries(seen))('shows %s what they may approve or asked for, over both', async ([who, names]) => {
      for (const over of ['trpc', 'graphql'] as const) {
        const { items } = await listOver(over, { first: 100 }, { as: who })
        expect([over, ours(items).toSorted()]).toEqual([over, idsOf(names)])
      }
    })

    test('is refused to Viewers and to strangers, on both', async () => {
      for (const over of [chain().trpc, chain().graphql]) {
        expect(codeOf(await over('approval.list', {}, { as: 'vera-viewer' }))).toBe('forbidden')
        expect(codeOf(await over('approval.list', {}))).toBe('unauthenticated')
      }
    })

    // Threat C2: an archived workspace is decided on as it was, so archiving neither shows nor hides anything
    test('shows nobody what `approval.get` does not show them, and leaves out nothing', async () => {
      for (const [who, names] of Object.entries(seen)) {
        for (const [name, { id }] of made) {
          const code = codeOf(await chain().trpc('approval.get', { id }, { as: who }))
          expect([who, name, code]).toEqual([who, name, names.includes(name) ? 'ok' : 'not-found'])
        }
      }
    })

    // Threat C2: what a filter, a page or a nested field tells of others' requests.
    test('says nothing of others’ by a filter: no reason, no ticket, no name, no end of a page', async () => {
      for (const filter of [{ requester: 'ada-admin' }, { requester: 'ada-admin', state: 'pending' }, { first: 1 }]) {
        for (const as of ['dora-developer', 'oscar-operator'] as const) {
          const { text } = await chain().trpc('approval.list', filter, { as })
          expect([filter, as, /reason-of-ada|OPS-reason-of-ada|ada-admin/.test(text)]).toEqual([filter, as, false])
        }
      }
      const { items, nextCursor } = await listOver('trpc', { requester: 'ada-admin' }, { as: 'oscar-operator' })
      expect([items, nextCursor]).toEqual([[], null])
    })

    test('goes on from somebody else’s cursor in time, and shows no more by it', async () => {
      const { nextCursor } = await listOver('trpc', { first: 1 }, { as: 'ada-admin' })
      const after = nextCursor ?? ''
      for (const who of ['dora-developer', 'oscar-operator'] as const) {
        const { items } = await listOver('trpc', { first: 100, after }, { as: who })
        expect(ours(items).toSorted()).toEqual(idsOf(seen[who] ?? []))
      }
      // one that names another's approval: it is a place, and not a thing
      const named = ['2999-01-01T00:00:00.000Z', made.get('adaTheirs')?.id]
      const forged = Buffer.from(JSON.stringify(named)).toString('base64url')
      const { items } = await listOver('trpc', { first: 100, after: forged }, { as: 'dora-developer' })
      expect(ours(items).toSorted()).toEqual(idsOf(seen['dora-developer'] ?? []))
    })

    test('is the same page by page as at once', async () => {
      for (const who of Object.keys(seen)) {
        const whole = ours((await listOver('trpc', { first: 100 }, { as: who })).items)
        const paged: string[] = []
        for (let after: string | null | undefined = undefined; after !== null;) {
          const page: Page = await listOver(
            'graphql',
            { first: 2, ...(after === undefined ? {} : { after }) },
            { as: who },
          )
          paged.push(...ours(page.items))
          after = page.nextCursor
        }
        expect([who, paged]).toEqual([who, whole])
      }
    })

    test('shows who has left the team their own alone, from the next call on', async () => {
      const { admin } = chain()
      await admin.query(`delete from team_member m using users u, team t where u.id = m.user_id and t.id = m.team_id
        and u.username = 'oscar-operator' and t.name = 'developers'`)
      try {
        const { items } = await listOver('trpc', { first: 100 }, { as: 'oscar-operator' })
        expect(ours(items)).toEqual(idsOf(['oscarOurs']))
      } finally {
        await admin.query(`insert into team_member (user_id, team_id) select u.id, t.id from users u, team t
          where u.username = 'oscar-operator' and t.name = 'developers'`)
      }
      expect(ours((await listOver('trpc', { first: 100 }, { as: 'oscar-operator' })).items)).toHaveLength(4)
    })

    test('is refused on both to who has been disabled, with a token that is good otherwise', async () => {
      const { admin, trpc, graphql } = chain()
      const become = (status: string) =>
        admin.query("update users set status = $1 where username = 'dora-developer'", [status])
      await become('disabled')
      try {
        for (const over of [trpc, graphql])
          expect(codeOf(await over('approval.list', {}, { as: 'dora-developer' }))).toBe('unauthenticated')
      } finally {
        await become('active')
      }
      expect(codeOf(await trpc('approval.list', {}, { as: 'dora-developer' }))).toBe('ok')
    })
  })
}
