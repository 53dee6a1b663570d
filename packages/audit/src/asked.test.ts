import { anonymous, extension, uid, type AuditDraft, type DecisionRequest } from '@gatehouse/enforcement'
import { expect, test } from 'vitest'
import { askedBytesMax, askedText, readAsked } from './asked.ts'

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
