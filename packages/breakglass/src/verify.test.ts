// What an export says is looked at also where whoever made it has a key to seal it with.
import { generateKeyPairSync, sign } from 'node:crypto'
import { formatVerifier, noteVerifier, signedMessage } from '@gatehouse/audit/verify'
import { expect, test } from 'vitest'
import { writeDocument, writeStatement, type RequestDocument, type VoteStatement } from './document.ts'
import { exportVersion, type ExportedRequest, type UnsealedRequest } from './exported-request.ts'
import { sealedText } from './seal.ts'
import { verifyExport } from './verify.ts'

const request = {
  v: 1,
  type: 'gatehouse.break-glass.request',
  id: 'request',
  version: 1,
  requester: { id: 'dora', name: 'dora' },
  incident: 'INC-7',
  severity: 'critical',
  justification: 'payments fail and the database host does not answer',
  workspace: { id: 'shop', name: 'shop', environment: 'production' },
  actions: ['lease.list'],
  durationSeconds: 3600,
  drill: false,
  at: '2026-11-01T12:00:00.000Z',
} as const satisfies RequestDocument

const signer = () => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  const der = publicKey.export({ format: 'der', type: 'spki' })
  return { privateKey, verifier: noteVerifier('gatehouse.test', der.subarray(-32)) }
}
const ours = signer()
const sealed = (unsealed: UnsealedRequest, by = ours): string => {
  const message = signedMessage(by.verifier.name, sealedText(unsealed))
  const seal = { key: formatVerifier(by.verifier), signature: sign(null, message, by.privateKey).toString('base64') }
  return JSON.stringify({ ...unsealed, seal } satisfies ExportedRequest)
}

const at = '2026-11-01T12:05:00.000Z'
const vote = (voter: string, more: Partial<VoteStatement> = {}, of: RequestDocument = request) => {
  const said = { says: 'approve', voter: { id: voter, name: voter }, at, nonce: 'n', reason: null, team: null } as const
  const { text: document, hash } = writeDocument(of)
  const statement: VoteStatement = { ...said, ...more }
  return {
    voter,
    says: statement.says,
    hash: hash.toString('hex'),
    method: 'totp',
    team: statement.team,
    statement: writeStatement(statement, document).text,
    evidence: null,
    at,
  } as const
}
type Stored = Readonly<Record<'rule' | 'totpAdmitted' | 'standing', unknown>>
const stored: Stored = {
  rule: { people: 2, roles: ['Admin', 'Operator'] },
  totpAdmitted: true,
  standing: [
    { id: 'ada', team: 'platform' },
    { id: 'olga', team: 'sre' },
  ],
}
const exported = (
  more: {
    of?: RequestDocument
    votes?: UnsealedRequest['votes']
    quorum?: Partial<Stored>
    stored?: string
    expiresAt?: string
  } = {},
): UnsealedRequest => {
  const { of = request, votes = [vote('ada', {}, of), vote('olga', {}, of)], quorum = {} } = more
  const { text: document, hash } = writeDocument(of)
  return {
    v: exportVersion,
    type: 'gatehouse.break-glass.export',
    request: 'request',
    versions: [{ version: 1, hash: hash.toString('hex'), document, at: request.at }],
    votes,
    people: [{ id: 'ada', name: 'ada' }],
    teams: [{ id: 'sre', name: 'sre' }],
    session: {
      id: 'session',
      quorum: more.stored ?? JSON.stringify({ ...stored, ...quorum }),
      activatedAt: '2026-11-01T12:06:00.000Z',
      expiresAt: more.expiresAt ?? '2026-11-01T13:06:00.000Z',
      endedBy: null,
      endedAt: null,
    },
  }
}

test('what fits is passed, by the key that somebody has kept as well', () => {
  const document = sealed(exported())
  const key = formatVerifier(ours.verifier)
  const passed = { problems: [], signed: 0, unsigned: 2, sealedBy: key }
  expect([verifyExport(document), verifyExport(document, { key })]).toEqual([passed, passed])
})

test('what another key has sealed is not passed by who has kept the right one', () => {
  const { problems } = verifyExport(sealed(exported(), signer()), { key: formatVerifier(ours.verifier) })
  expect(problems).toEqual([expect.stringContaining('sealed by another key than yours')])
})

test.each<[problem: string, lie: UnsealedRequest]>([
  ['it lasts longer than was asked for', exported({ expiresAt: '2026-11-01T14:06:00.000Z' })],
  ['it lasts longer than four hours', exported({ expiresAt: '2026-11-01T17:06:00.000Z' })],
  ['do not meet the rule', exported({ quorum: { rule: { people: 3, roles: ['Admin'] } } })],
  ['do not meet the rule', exported({ quorum: { rule: { people: 0, roles: ['Admin'] } } })],
  ['do not meet the rule', exported({ quorum: { rule: { anyOf: [] } } })],
  ['the rule asks for keys', exported({ quorum: { totpAdmitted: false } })],
  [
    'a team stands behind it that denied it',
    exported({ votes: [vote('ada'), vote('olga'), vote('oscar', { says: 'deny', reason: 'no', team: 'sre' })] }),
  ],
  [
    'two teams denied it',
    exported({ votes: [vote('ada'), vote('olga'), ...['x', 'y'].map((team) => vote(team, { says: 'deny', team }))] }),
  ],
  ['it is of a drill', exported({ of: { ...request, drill: true } })],
  ['somebody stands behind it who did not approve it', exported({ votes: [vote('ada')] })],
  ['who asked stands behind it', exported({ of: { ...request, requester: { id: 'ada', name: 'ada' } } })],
  ['who stood behind it cannot be read', exported({ stored: '{' })],
])('%s', (problem, lie) => {
  expect(verifyExport(sealed(lie)).problems.join('\n')).toContain(problem)
})

test.each([
  ['nothing', ''],
  ['a list', '[]'],
  ['an export of another form', JSON.stringify({ v: 1, type: 'gatehouse.break-glass.export' })],
  ['an export without its parts', JSON.stringify({ v: exportVersion, type: 'gatehouse.break-glass.export' })],
])('%s is not passed', (_what, text) => {
  expect(verifyExport(text).problems).toHaveLength(1)
})
