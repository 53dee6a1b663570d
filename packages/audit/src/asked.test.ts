import { anonymous, extension, uid, type AuditDraft, type DecisionRequest } from '@gatehouse/enforcement'
import { expect, test } from 'vitest'
import { askedBytesMax, askedText as askedOf, readAsked } from './asked.ts'

const address = '192.0.2.7'
const kept = new Map([['ip', address]])
const nothing = new Map<string, string>()
const salt = (): Uint8Array => new Uint8Array(32).fill(7)
const request: DecisionRequest = {
  principal: uid('User', 'a::b'),
  action: 'sshCertificate.sign',
  resource: uid('Workspace', 'default'),
  context: {
    now: extension('datetime', '2026-11-25T12:00:00.000Z'),
    ip: extension('ip', address),
    mfa: true,
    hour: 12,
  },
  entities: [
    { uid: uid('User', 'a::b'), attrs: { hasAuthenticator: true }, parents: [uid('Role', 'Admin')] },
    { uid: uid('Role', 'Admin'), attrs: {}, parents: [] },
    { uid: uid('Workspace', 'default'), attrs: { tier: 'production', teams: [] }, parents: [] },
  ],
}
const draft = (parts: Partial<AuditDraft> = {}): AuditDraft => ({
  action: 'sshCertificate.sign',
  outcome: 'allowed',
  call: { requestId: 'r', at: new Date(), address, userAgent: '', transport: 'trpc' },
  principal: anonymous,
  resource: uid('System', 'gatehouse'),
  workspace: null,
  decision: null,
  refusal: null,
  input: {},
  request,
  ...parts,
})

const askedText = (...asked: Parameters<typeof askedOf>): string | null => askedOf(...asked)?.text ?? null

test('what was asked is read back exactly, with the address from where it is erased', () => {
  const text = askedText(draft(), salt) ?? ''
  expect(text).not.toContain(address)
  expect(readAsked(text, kept)).toEqual({ request })
  expect(readAsked(text, nothing)).toEqual({ missing: 'erased' })
})

test('an address that is not the call’s own stays in the context', () => {
  const text = askedText(draft({ call: { ...draft().call, address: '198.51.100.1' } }), salt) ?? ''
  expect(readAsked(text, nothing)).toEqual({ request })
})

test('an input that says something of a person is left to the personal values as well', () => {
  const asked = { ...request, context: { ...request.context, actor: 'ada' } }
  const text = askedText(draft({ action: 'audit.search', input: { actor: 'ada' }, request: asked }), salt) ?? ''
  expect(text).not.toContain('ada')
  expect(readAsked(text, new Map([...kept, ['input.actor', 'ada']]))).toEqual({ request: asked })
  expect(readAsked(text, kept)).toEqual({ missing: 'erased' })
})

test('what is too long is named so, and never cut', () => {
  const long = { ...request, context: { ...request.context, login: 'x'.repeat(askedBytesMax) } }
  const text = askedText(draft({ request: long }), salt) ?? ''
  expect(text.length).toBeLessThan(100)
  expect(readAsked(text, kept)).toEqual({ missing: 'too-long' })
})

test('where nothing was decided nothing is kept, and what is not ours is not read', () => {
  expect(askedText(draft({ request: null }), salt)).toBeNull()
  for (const text of [null, '', '{', '[]', '{"v":2}', '{"v":1}', '{"v":1,"p":"a","a":"b","r":"c","c":{},"e":[[1]]}'])
    expect(readAsked(text, kept)).toEqual({ missing: 'not-recorded' })
})

/** A question about a thing of a site's own, with a second person's yes, in an emergency. */
const spoken: DecisionRequest = {
  ...request,
  action: 'can_update_todo',
  resource: uid('todo', 'ada@example.org'),
  context: {
    ...request.context,
    reviewers: ['ada', 'bob'],
    amount: 7,
    emergency: { session: 's', incident: 'Ada is locked out' },
  },
  entities: [
    ...request.entities,
    {
      uid: uid('todo', 'ada@example.org'),
      attrs: { ownerID: 'ada@example.org', phone: 442_079_460_018, tags: ['ada'], done: false },
      parents: [uid('Workspace', 'default')],
    },
    { uid: uid('Approval', 'yes'), attrs: { action: 'deploy', ticket: 'for Ada' }, parents: [] },
  ],
}
const said = { reviewers: ['ada', 'bob'], amount: 7, 'resource.id': 'ada@example.org' }
const asSaid = draft({ action: 'policy.decided', resource: spoken.resource, input: said, request: spoken })
const sealed = new Map([
  ['ip', address],
  ['input.reviewers', '["ada","bob"]'],
  ['input.amount', '7'],
  ['input.resource.id', 'ada@example.org'],
  ['input.properties.ownerID', 'ada@example.org'],
  ['input.properties.phone', '442079460018'],
  ['input.properties.tags', '["ada"]'],
  ['input.ticket.yes', 'for Ada'],
  ['input.emergency.incident', 'Ada is locked out'],
])

// Threat F6: what others say of a thing, a call, an approval or an incident may be said of a person
test('what may be said of a person is kept with the personal values, and read back exactly', () => {
  const asked = askedOf(asSaid, salt)
  expect(asked?.text).not.toMatch(/ada|bob|442079460018/i)
  expect(asked?.facts.map(({ name, value }) => [`input.${name}`, value])).toEqual(
    [...sealed].filter(([field]) => /properties|ticket|incident/.test(field)),
  )
  expect(readAsked(asked?.text ?? '', sealed)).toEqual({ request: spoken })
  for (const field of sealed.keys()) {
    const left = new Map([...sealed].filter(([one]) => one !== field))
    expect(readAsked(asked?.text ?? '', left), field).toEqual({ missing: 'erased' })
  }
})

test('what has no such facts is of the first version, as it was; what somebody puts there throws nothing', () => {
  expect(JSON.parse(askedText(draft(), salt) ?? '')).toMatchObject({ v: 1 })
  const text = askedText(asSaid, salt) ?? ''
  expect(JSON.parse(text)).toMatchObject({ v: 2 })
  for (const put of ['not JSON', '{"a":1}', '[1]', 'null'])
    expect(readAsked(text, new Map([...sealed, ['input.reviewers', put]]))).toEqual({ missing: 'erased' })
  for (const x of ['x', [1], [['a']], [['a', 'b']], [['a', 'text', 'more']]])
    expect(readAsked(JSON.stringify({ ...(JSON.parse(text) as object), x }), sealed)).toEqual({
      missing: 'not-recorded',
    })
})

test('of entities that stay the same it is written as of others', () => {
  const same = { ...request, entities: Object.freeze([...request.entities]) }
  const other = { ...request, entities: Object.freeze(request.entities.slice(0, 1)) }
  for (const asked of [same, other, same, request])
    expect(readAsked(askedText(draft({ request: asked }), salt), kept)).toEqual({ request: asked })
  expect(askedText(draft({ request: same }), salt)).toBe(askedText(draft(), salt))
})
