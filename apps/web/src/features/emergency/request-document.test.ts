import { createHash } from 'node:crypto'
import { expect, it } from 'vitest'
import { groupedHash, readSigned } from './request-document.ts'

const document = {
  actions: ['sshCertificate.sign'],
  at: '2026-11-28T21:00:00.000Z',
  drill: false,
  durationSeconds: 3600,
  incident: 'INC-7',
  justification: 'the database host does not answer',
  requester: { id: 'u1', name: 'ada' },
  severity: 'critical',
  version: 1,
  workspace: { environment: 'production', id: 'w1', name: 'shop' },
}
const signed = (of: unknown): { document: string; hash: string } => {
  const text = typeof of === 'string' ? of : JSON.stringify(of)
  return { document: text, hash: createHash('sha256').update(text).digest('hex') }
}

it('a document is read where its hash is the one that is approved', async () => {
  expect(await readSigned(signed(document))).toEqual(document)
})

// Threat D6: the approver is shown one request and signs another.
it('a document that is another than its hash says is never shown as what is signed', async () => {
  const { hash } = signed(document)
  for (const changed of [
    { ...document, durationSeconds: 14_400 },
    { ...document, justification: 'a drill' },
  ])
    expect(await readSigned({ document: JSON.stringify(changed), hash })).toBeNull()
})

it.each([['no JSON'], ['null'], ['[]'], [{ ...document, actions: 'all' }], [{ ...document, workspace: 'shop' }]])(
  'a text that is no request is none, whatever its hash: %o',
  async (text) => {
    expect(await readSigned(signed(text))).toBeNull()
  },
)

it('a hash is shown in groups that two people can compare', () => {
  expect(groupedHash('0123456789abcdef01')).toBe('01234567 89abcdef 01')
})
