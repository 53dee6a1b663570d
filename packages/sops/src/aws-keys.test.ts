import { secret } from '@gatehouse/contract'
import { generateX25519Identity, identityToRecipient } from 'age-encryption'
import { describe, expect, test } from 'vitest'
import {
  ageIdentities,
  ageKeys,
  ageRecipients,
  awsContext,
  awsKeyNames,
  encryptNew,
  keyText,
  metadataOf,
  nameText,
  openDocument,
  plainBytes,
  ruleFor,
  SopsError,
  stanzaOf,
  wrapForKeys,
  type KeyName,
  type KeyService,
} from './index.ts'

const arn = 'arn:aws:kms:eu-north-1:123456789012:key/11111111-2222-3333-4444-555555555555'
const role = 'arn:aws:iam::123456789012:role/path/deploy+x'
const now = new Date('2026-01-02T03:04:05Z')

describe('a key of AWS KMS', () => {
  test.each([
    [arn, arn],
    [`${arn} + ${role}`, `${arn}+${role}`],
    [arn.replace(/key.*/, 'alias/team/app'), arn.replace(/key.*/, 'alias/team/app')],
    [arn.replace('aws', 'aws-us-gov'), arn.replace('aws', 'aws-us-gov')],
    [arn.replace(/[^/]+$/, `mrk-${'0'.repeat(32)}`), arn.replace(/[^/]+$/, `mrk-${'0'.repeat(32)}`)],
  ])('is named %s', (text, right) => {
    expect(awsKeyNames(text).map(nameText)).toEqual([right])
  })

  // The Region becomes a part of a host's name, and credentials go to it (threats C17, E8)
  test.each([
    arn.replace('eu-north-1', 'x.evil.example'),
    arn.replace('eu-north-1', 'evil.example/#'),
    arn.replace('eu-north-1', 'a@evil.example'),
    arn.replace('123456789012', '1'),
    arn.replace('key/', ''),
    `${arn}+${role.replace('iam', 'sts')}`,
    `${arn}\n`,
    'alias/app',
    '../../x',
  ])('is not named %o', (text) => {
    expect(() => awsKeyNames(text)).toThrow(expect.objectContaining({ code: 'bad-recipient' }))
  })

  test('is told a context, which may hold colons', () => {
    expect(awsContext('App:web, Arn:arn:aws:x')).toEqual({ App: 'web', Arn: 'arn:aws:x' })
    expect(() => awsContext('App')).toThrow(expect.objectContaining({ code: 'bad-recipient' }))
  })
})

describe('rules', () => {
  const namesOf = (rule: string): readonly (readonly string[])[] =>
    ruleFor(`creation_rules:\n  - path_regex: x\n    ${rule}\n`, 'x').groups.map((group) => group.map(nameText))

  test.each([
    [`kms: "${arn},${arn}+${role}"`, [[arn, `${arn}+${role}`]]],
    [`kms: ["${arn}", "${arn} +${role}"]`, [[arn, `${arn}+${role}`]]],
    [
      `key_groups: [{kms: [{arn: "${arn}", role: "${role}", context: {b: "2", a: "1"}}]}]`,
      [[`${arn}+${role}|a:1,b:2`]],
    ],
  ])('name keys of AWS KMS: %s', (rule, right) => {
    expect(namesOf(rule)).toEqual(right)
  })

  test('have a profile for all keys of a rule, or for each of a group', () => {
    const profileOf = (rule: string): unknown =>
      Object.fromEntries(ruleFor(`creation_rules:\n  - ${rule}\n`, 'x').groups[0]?.[0]?.fields ?? [])['aws_profile']
    expect(profileOf(`{kms: "${arn}", aws_profile: dev}`)).toBe('dev')
    expect(profileOf(`{key_groups: [{kms: [{arn: "${arn}", aws_profile: prod}]}]}`)).toBe('prod')
  })

  test.each([
    `key_groups: [{kms: [{arn: "${arn}", context: {a: 1}}]}]`,
    `key_groups: [{kms: [{arn: "${arn}", context: {a: null}}]}]`,
    `key_groups: [{kms: [{arn: "${arn}", context: "a:b"}]}]`,
    `key_groups: [{kms: [{arn: "${arn}", role: 1}]}]`,
  ])('with a context or a role that would be left out are refused: %s', (rule) => {
    expect(() => namesOf(rule)).toThrow(expect.objectContaining({ code: 'bad-rule' }))
  })
})

const age = async (): Promise<{ readonly key: KeyName; readonly service: KeyService }> => {
  const identity = await generateX25519Identity()
  const [key] = ageRecipients(await identityToRecipient(identity))
  if (key === undefined) throw new TypeError('no recipient')
  return { key, service: ageKeys(ageIdentities(identity)) }
}

/** Keys of a type that no service here has, in a document that was made where one was. */
const elsewhere = (opens: (id: string) => Uint8Array | SopsError | null): KeyService => ({
  type: 'far',
  wrap: async ({ fields }, dataKey) =>
    stanzaOf('far', [...fields, ['enc', Buffer.from(dataKey.expose()).toString('base64')]]),
  unwrap: async ({ fields }) => {
    const answer = opens(fields['recipient'] ?? '')
    if (answer instanceof SopsError) throw answer
    return answer === null ? null : secret(answer)
  },
})
const far = (id: string): KeyName => ({ type: 'far', fields: [['recipient', id]] })
const encrypted = (keys: readonly KeyName[], services: readonly KeyService[]): Promise<Uint8Array> =>
  encryptNew(Buffer.from('a: 1\n'), { format: 'yaml', services, groups: [keys], threshold: 1, now })

test('a key that does not answer is passed over for another of its group', async () => {
  const bytes = await encrypted([far('1'), far('2')], [elsewhere(() => null)])
  const enc = metadataOf(bytes, 'yaml').groups[0]?.[1]?.fields['enc'] ?? ''
  const down = new SopsError('no-key', 'the first Region does not answer')
  const service = elsewhere((id) => (id === '1' ? down : Buffer.from(enc, 'base64')))
  const document = await openDocument(bytes, { format: 'yaml', services: [service] })
  expect(Buffer.from(plainBytes(document)).toString()).toBe('a: 1\n')
  await expect(openDocument(bytes, { format: 'yaml', services: [elsewhere(() => down)] })).rejects.toThrow(
    /no key at hand .* far 1, far 2; the first Region does not answer$/,
  )
})

test('of a thousand keys that lie elsewhere no more than thirty are asked', async () => {
  const keys = Array.from({ length: 999 }, (_, id) => far(String(id)))
  const bytes = await encrypted(keys, [elsewhere(() => null)])
  const asked: string[] = []
  const service = elsewhere((id) => {
    asked.push(id)
    return null
  })
  await expect(openDocument(bytes, { format: 'yaml', services: [service] })).rejects.toThrow(/and 994 more/)
  expect(asked).toHaveLength(30)
})

test('who comes gets the data key; keys that cannot be used here stay as they are', async () => {
  const [one, other] = await Promise.all([age(), age()])
  const bytes = await encrypted([one.key, far('1')], [one.service, elsewhere(() => null)])
  const document = await openDocument(bytes, { format: 'yaml', services: [one.service] })
  const keys = { groups: [[one.key, far('1'), other.key]], threshold: 1 }
  const more = await wrapForKeys(document, { keys, services: [one.service] })
  const [before, after] = [bytes, more].map((each) => metadataOf(each, 'yaml').groups[0] ?? [])
  expect(after?.map(keyText).toSorted()).toEqual(keys.groups[0]?.map(nameText).toSorted())
  expect(after?.map(({ fields }) => fields['enc'])).toEqual(
    expect.arrayContaining(before?.map(({ fields }) => fields['enc']) ?? []),
  )
  await openDocument(more, { format: 'yaml', services: [other.service] })
})
