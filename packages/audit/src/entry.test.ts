import { hash } from 'node:crypto'
import type { AuditDraft, DecisionRequest, Random, UserPrincipal } from '@gatehouse/enforcement'
import canonicalize from 'canonicalize'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isAskedAsCommitted } from './check-entry.ts'
import { commitmentTo } from './commitment.ts'
import { entryBytesMax, makeEntry } from './entry.ts'
import { commitmentsIn, parseStoredEntry } from './stored-entry.ts'
import { leafHashOf } from './verify.ts'

const at = new Date('2026-11-23T08:00:00.123Z')
/** The same bytes each time: what an entry looks like must not depend on luck. */
const fixed: Random = {
  bytes: (length) => new Uint8Array(length).fill(7),
  id: () => '019aaaaa-0000-7000-8000-000000000001',
}
const ada: UserPrincipal = {
  type: 'User',
  id: '019aaaaa-0000-7000-8000-00000000000a',
  username: 'ada',
  displayName: 'Ada',
  roles: ['Admin'],
  teams: [],
  hasAuthenticator: true,
  missing: [],
  tokenId: 't',
  session: {
    id: '019aaaaa-0000-7000-8000-00000000000b',
    assurance: 'mfa',
    provedAt: at,
    authTime: at,
    expiresAt: at,
    methods: ['pwd'],
  },
}
const draft = (parts: Partial<AuditDraft> = {}): AuditDraft => ({
  action: 'user.create',
  outcome: 'allowed',
  principal: ada,
  resource: { type: 'User', id: '019aaaaa-0000-7000-8000-00000000000c' },
  workspace: null,
  decision: { effect: 'allow', policies: ['admin-all'], version: 'v1' },
  refusal: null,
  input: { username: 'grace', role: 'Operator', email: null },
  detail: { teams: ['sre'] },
  call: { requestId: 'r-1', at, address: '192.0.2.7', userAgent: 'gatehouse/0.1', transport: 'trpc' },
  ...parts,
})
const make = (parts: Partial<AuditDraft> = {}) => makeEntry({ draft: draft(parts), at, intent: null, random: fixed })

describe('an entry', () => {
  // INVARIANT of the format: whoever changes this text needs another `v`, or old leaves and new code no longer meet.
  // The commitments were computed by another implementation of HMAC.
  test('is this very text', () => {
    const { id, entry } = make()
    expect(id).toBe('019aaaaa-0000-7000-8000-000000000001')
    expect(entry).toBe(
      '{"action":"user.create","at":"2026-11-23T08:00:00.123Z",' +
        '"decision":{"effect":"allow","policies":["admin-all"],"version":"v1"},"detail":{"teams":["sre"]},' +
        '"id":"019aaaaa-0000-7000-8000-000000000001","input":{"email":null,"role":"Operator",' +
        '"username":{"c":"rQ_zc22rC4X_YQwUUl24LFKkE2-Hz3tO5Cj0sBj_V44"}},"intent":null,' +
        '"ip":{"c":"TfAGBll4gDIJsQM7M0czQEFu1Opsm9Ihz_7t6m-MM1g"},"kind":"change","outcome":"allowed",' +
        '"principal":{"id":"019aaaaa-0000-7000-8000-00000000000a",' +
        '"name":{"c":"T6immiPiMdlTOdH0MECD_-YoiTCcuUIn5DfEopMEZC0"},"type":"User"},"refusal":null,' +
        '"requestId":"r-1","resource":{"id":"019aaaaa-0000-7000-8000-00000000000c","type":"User"},' +
        '"sessionId":"019aaaaa-0000-7000-8000-00000000000b","transport":"trpc",' +
        '"userAgent":{"c":"Jww0toSkzlsFdXLuAVWiFMTQ6MxXvT0vAilRdH03Wfk"},"v":4,"workspace":null}',
    )
    expect(leafHashOf(entry)).toEqual(hash('sha256', Buffer.concat([Buffer.of(0), Buffer.from(entry)]), 'buffer'))
  })

  // INVARIANT of the format, as above
  test('commits to what its decision was made of', () => {
    const request: DecisionRequest = {
      principal: { type: 'User', id: 'a' },
      action: 'user.create',
      resource: { type: 'System', id: 'gatehouse' },
      context: { hour: 8 },
      entities: [],
    }
    const { entry, asked } = make({ request })
    expect(asked).toBe(
      '{"v":1,"p":"User::a","a":"user.create","r":"System::gatehouse","c":{"hour":8},"m":[],"e":[],' +
        '"s":"BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc"}',
    )
    const hashed = hash('sha256', asked ?? '', 'base64url')
    expect(entry).toContain(`"decision":{"asked":"${hashed}","effect":"allow"`)
    expect(isAskedAsCommitted(parseStoredEntry(entry), hash('sha256', asked ?? '', 'buffer'))).toBe(true)
    for (const other of [null, hash('sha256', `${asked} `, 'buffer')])
      expect(isAskedAsCommitted(parseStoredEntry(entry), other)).toBe(false)
    expect(isAskedAsCommitted(parseStoredEntry(make().entry), null)).toBe(true)
    expect(isAskedAsCommitted(parseStoredEntry(make().entry), hash('sha256', 'put there', 'buffer'))).toBe(false)
  })

  test('of an older version commits to nothing that was asked, and is read for ever', () => {
    const old = make().entry.replace('"v":4', '"v":3')
    for (const asked of [null, hash('sha256', 'x', 'buffer')])
      expect(isAskedAsCommitted(parseStoredEntry(old), asked)).toBe(true)
    // as version 3 was hashed
    expect(leafHashOf(old).toString('base64')).toBe('LMn48xaEmR4xrlatgWXMY7H9MGyLwxqL/LpG/3GlbdM=')
  })

  test('holds no personal value in clear, and commits to each that it keeps beside it', () => {
    const { entry, personal } = make()
    expect(personal.map(({ field, value }) => [field, value])).toEqual([
      ['principal.name', 'ada'],
      ['ip', '192.0.2.7'],
      ['userAgent', 'gatehouse/0.1'],
      ['input.username', 'grace'],
    ])
    for (const { value } of personal) expect(entry).not.toContain(`"${value}"`)
    expect(commitmentsIn(parseStoredEntry(entry) ?? {})).toEqual(
      new Map(personal.map((value) => [value.field, commitmentTo(value).c])),
    )
  })

  test('gives every personal value a salt of its own', () => {
    let next = 0
    const counting: Random = { ...fixed, bytes: (length) => Uint8Array.from({ length }, () => next++ % 251) }
    const { personal } = makeEntry({
      draft: draft({ input: { username: 'a', displayName: 'b', email: 'c' } }),
      at,
      intent: null,
      random: counting,
    })
    expect(personal).toHaveLength(6)
    expect(new Set(personal.map(({ salt }) => Buffer.from(salt).toString('hex'))).size).toBe(6)
    for (const { salt } of personal) expect(salt).toHaveLength(32)
  })

  test('of a stranger commits to no name', () => {
    const { entry, personal } = make({ principal: { type: 'Anonymous', id: 'anonymous' } })
    expect(JSON.parse(entry)).toMatchObject({
      principal: { type: 'Anonymous', id: 'anonymous', name: null },
      sessionId: null,
    })
    expect(personal.map(({ field }) => field)).not.toContain('principal.name')
  })

  test('is never longer than a log may publish, and says what was cut', () => {
    const long = make({ input: { username: 'grace', text: 'é'.repeat(50_000) }, detail: { text: 'x'.repeat(100_000) } })
    expect(Buffer.byteLength(long.entry)).toBeLessThanOrEqual(entryBytesMax)
    expect(JSON.parse(long.entry)).toMatchObject({
      input: { sha256: expect.any(String), sizeBytes: expect.any(Number) },
      detail: { sha256: expect.any(String), sizeBytes: 100_011 },
    })
    // nothing is kept for a commitment that was cut
    expect(long.personal.map(({ field }) => field)).toEqual(['principal.name', 'ip', 'userAgent'])
  })

  /** JavaScript has such keys in the order of their numbers, wherever they were put. */
  const numberLike = fc.nat({ max: 200 }).map(String)

  // Threat F4 and E5: whatever is sent, the entry is one line of canonical JSON that PostgreSQL takes
  test('of anything is one line of canonical JSON', () => {
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.oneof(fc.string(), numberLike),
          fc.anything({
            key: fc.oneof(fc.string(), numberLike),
            withDate: true,
            withBigInt: true,
            withTypedArray: true,
          }),
        ),
        fc.string({ unit: 'binary' }),
        (input, text) => {
          const { entry } = make({ input, resource: { type: 'Team', id: text }, detail: { text } })
          expect(entry).not.toMatch(/[\n\r]|\\u0000|\\ud[89a-f]/)
          expect(entry.isWellFormed()).toBe(true)
          expect(Buffer.byteLength(entry)).toBeLessThanOrEqual(entryBytesMax)
          expect(canonicalize(JSON.parse(entry))).toBe(entry)
        },
      ),
      { numRuns: 300 },
    )
  })

  // Node's parser took the second name for the first where both followed the same names before them
  test('has no name that must be escaped: what was parsed before does not change how it is read', () => {
    const named = (name: string) => make({ input: { '': 1, [name]: 2 }, detail: { of: { '': 1, [name]: 2 } } }).entry
    const entries = ['\\', '"', '\n', '\u0001', 'a\\', 'a"'].map(named)
    for (const entry of entries) expect(canonicalize(JSON.parse(entry))).toBe(entry)
    expect(new Set(entries.map((entry) => JSON.stringify(JSON.parse(entry).input)))).toHaveLength(entries.length)
    expect(JSON.parse(named('"'))).toMatchObject({ input: { '\uFF02': 2 }, detail: { of: { '\uFF02': 2 } } })
  })

  test('refuses to hold a secret', () => {
    expect(() =>
      make({
        detail: {
          nested: [
            {
              toJSON: () => {
                throw new TypeError('a secret cannot be serialised')
              },
            },
          ],
        },
      }),
    ).toThrow('secret')
  })
})
