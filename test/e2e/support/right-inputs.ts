import { operations, type OperationName, type ResourceType } from '@gatehouse/contract'
import { z } from 'zod'

/** Values that are right for fields of these names; all others are made up by their type. */
const samples: Readonly<Record<string, unknown>> = {
  username: 'somebody-new',
  reason: 'a test',
  path: 'admin/more.cedar',
  purpose: 'a test',
  justification: 'a test of what all operations refuse',
  summary: 'a test of what all operations refuse',
  role: 'Viewer',
  address: '192.0.2.9',
  name: 'a-name',
  region: 'west',
  scopes: ['read'],
  action: 'mfa.reset',
  resource: 'vera-viewer',
  publicKey: 'ssh-ed25519 AAAA',
  plaintext: 'c2VjcmV0',
  fingerprint: 'SHA256:hkhtVsJOdMmjJAq2HTWOCkd0MIWuh+K9CIJjF3wSpGc',
  trusts: ['SHA256:hkhtVsJOdMmjJAq2HTWOCkd0MIWuh+K9CIJjF3wSpGc'],
  heardAt: '2026-11-23T19:00:00Z',
  signature: 'U1NIU0lH',
  userCode: 'BCDFGHJK',
  decision: 'look',
  pseudonym: 'person-0000000000000000',
  newPassword: 'another rather long sentence',
  passwordHash: '$2b$10$abcdefghijklmnopqrstuuPVhzn6IGgFVhzYz5Kz8i1Yt0GQyYh5e',
  aaguids: ['cb69481e-8ff7-4039-93ec-0a2729a154a8'],
}

/** What nobody has: an operation that takes the value at all goes no further than `not-found`. */
const nobody = '00000000-0000-7000-8000-000000000000'

/** Where a field of that name means something else. */
const ofOperation: Readonly<Partial<Record<OperationName, Readonly<Record<string, unknown>>>>> = {
  'sshHost.register': { user: 'deploy' },
  'sshAuthority.configure': { address: 'https://vault.example.org:8200' },
  'approval.use': { action: 'deploy' },
  'policy.evaluate': { action: 'deploy', resource: { type: 'Server', id: 'web-1' } },
  'policy.explain': { action: 'deploy', resource: { type: 'Server', id: 'web-1' } },
  'policy.whoCould': { action: 'deploy', resource: { type: 'Server', id: 'web-1' } },
  'policy.simulate': { from: '1h' },
  'workflow.decode': { payloads: ['AQAB'] },
  'alertChannel.update': { severity: 'high' },
  'breakGlass.update': { actions: ['sshHost.list'] },
  'breakGlass.ruleSet': { rule: { people: 2, roles: ['Admin'] } },
  'breakGlass.approve': { hash: 'a'.repeat(64) },
  'incident.addEvidence': { sha256: 'a'.repeat(64) },
  'audit.retentionSet': { days: 400 },
  'audit.holdPlace': { requestId: nobody },
}

/** What is there to be named: by its type as the resource of an operation, and by fields that are called after it. */
export type Things = Readonly<Partial<Record<ResourceType, string>>>

/** What has the form of an envelope of a key, and opens under none. */
const envelopeOf = (key: string): string =>
  Buffer.concat([Buffer.from('GHE\x01\x01'), Buffer.from(key.replaceAll('-', ''), 'hex'), Buffer.alloc(60)]).toString(
    'base64',
  )

/** An input that is right but for what it names, which is not there; with things that are there, it names those. */
export function inputFor(name: OperationName, things: Things = {}): Readonly<Record<string, unknown>> {
  const { input, authorize } = operations[name]
  const named = {
    id: things[authorize.resource],
    user: things.User,
    workspace: things.Workspace,
    key: things.KmsKey,
    ciphertext: envelopeOf(things.KmsKey ?? nobody),
  }
  const values = { ...samples, ...Object.fromEntries(Object.entries(named).filter(([, value]) => value !== undefined)) }
  return { ...neededOf(input.shape, values, insteadOfOne[name]), ...ofOperation[name] }
}

/** Where a call has one thing in itself or several in a list, these have the list: it has all fields of the one. */
const insteadOfOne: Readonly<Partial<Record<OperationName, string>>> = {
  'kms.encrypt': 'items',
  'kms.decrypt': 'items',
  'kms.rewrap': 'items',
}

const neededOf = (
  shape: z.core.$ZodShape,
  values: Readonly<Record<string, unknown>>,
  also?: string,
): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(shape)
      .filter(([field, type]) => type._zod.optin === undefined || field === also)
      .map(([field, type]) => [field, values[field] ?? sample(type, values)]),
  )

function sample(type: z.core.$ZodType, values: Readonly<Record<string, unknown>>): unknown {
  if (type instanceof z.ZodOptional) return sample(type.unwrap(), values)
  if (type instanceof z.ZodArray) return [sample(type.element, values)]
  if (type instanceof z.ZodObject) return neededOf(type.shape as z.core.$ZodShape, values)
  if (type instanceof z.ZodEnum) return type.options[0]
  if (type instanceof z.ZodRecord) return {}
  if (type instanceof z.ZodBoolean) return false
  return type instanceof z.ZodNumber ? 300 : nobody
}
