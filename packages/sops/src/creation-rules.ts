import { parse, stringify } from 'yaml'
import { ageRecipients } from './age-keys.ts'
import { awsKeyName, awsKeyNames } from './aws-keys.ts'
import type { KeyNames } from './data-key.ts'
import { goPattern } from './go-regex.ts'
import { nameText, type KeyName } from './key-service.ts'
import { defaultSelector, selectorIn, type Selector } from './selectors.ts'
import { SopsError } from './sops-error.ts'
import { vaultKeys } from './vault-keys.ts'

/** The file that rules stand in, looked for from a document's directory upwards. */
export const ruleFileName = '.sops.yaml'

/** For whom the documents of some paths are encrypted, and what of them. */
export interface CreationRule extends KeyNames {
  readonly selector: Selector
  readonly macOnlyEncrypted: boolean
}

/** Rules are written by hand; longer files are nobody's. */
const ruleFileBytesMax = 1024 * 1024

/**
 * The rule for a path, relative to the directory of the rule file: the first that fits. Throws `no-rule` where none
 * does, `bad-rule` for a file that cannot be understood.
 */
export const ruleFor = (ruleFile: string, path: string): CreationRule => {
  const rule = rulesIn(ruleFile).find((one) => {
    const pattern = one['path_regex']
    return typeof pattern !== 'string' || pattern === '' || goPattern(pattern)(path)
  })
  if (rule === undefined) throw new SopsError('no-rule', `no creation rule in ${ruleFileName} fits \`${path}\``)
  return creationRule(rule)
}

type Fields = Readonly<Record<string, unknown>>

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const rulesIn = (ruleFile: string): readonly Fields[] => {
  if (ruleFile.length > ruleFileBytesMax) throw new SopsError('too-large', `${ruleFileName} is too large`)
  const document = parsed(ruleFile)
  const rules = isFields(document) ? document['creation_rules'] : null
  if (!Array.isArray(rules) || !rules.every(isFields))
    throw new SopsError('bad-rule', `${ruleFileName} has no list \`creation_rules\``)
  return rules
}

const parsed = (ruleFile: string): unknown => {
  try {
    return parse(ruleFile)
  } catch (cause) {
    throw new SopsError('bad-rule', `${ruleFileName} is no YAML`, { cause })
  }
}

const creationRule = (rule: Fields): CreationRule => {
  const groups = groupsOf(rule)
  const given = rule['shamir_threshold']
  const threshold = typeof given === 'number' && given > 0 ? given : groups.length
  if (groups.length > 1 && (threshold < 2 || threshold > groups.length))
    throw new SopsError(
      'bad-rule',
      `\`shamir_threshold\` has to be from 2 to the number of key groups, ${groups.length}`,
    )
  return {
    groups,
    threshold,
    selector: selectorIn(rule) ?? defaultSelector,
    macOnlyEncrypted: rule['mac_only_encrypted'] === true,
  }
}

const groupsOf = (rule: Fields): KeyNames['groups'] => {
  const given = rule['key_groups']
  const groups =
    Array.isArray(given) && given.length > 0 ? given.map((group: unknown) => keysOfGroup(group)) : [keysOfRule(rule)]
  if (groups.some(({ length }) => length === 0)) throw new SopsError('bad-rule', 'a creation rule names no keys')
  return groups
}

/** Keys of a rule itself: texts with commas, or lists. */
const keysOfRule = (rule: Fields): readonly KeyName[] =>
  unique([
    ...textsOf(rule, 'age').flatMap(ageRecipients),
    ...textsOf(rule, 'pgp').map((fp) => ({ type: 'pgp', fields: [['fp', fp] as const] })),
    ...textsOf(rule, 'kms').flatMap((text) => awsKeyNames(text, { profile: textOf(rule, 'aws_profile') })),
    ...textsOf(rule, 'gcp_kms').map((id) => ({ type: 'gcp_kms', fields: [['resource_id', id] as const] })),
    ...textsOf(rule, 'azure_keyvault').map((url) => ({ type: 'azure_kv', fields: [['vault_url', url] as const] })),
    ...textsOf(rule, 'hc_vault_transit_uri').flatMap(vaultKeys),
  ])

/** Keys of one of several groups: each type has a form of its own. */
const keysOfGroup = (group: unknown): readonly KeyName[] => {
  if (!isFields(group)) throw new SopsError('bad-rule', 'a key group is no map')
  const merged = Array.isArray(group['merge']) ? group['merge'].flatMap((one: unknown) => keysOfGroup(one)) : []
  return unique([
    ...merged,
    ...textsOf(group, 'age').flatMap(ageRecipients),
    ...textsOf(group, 'pgp').map((fp) => ({ type: 'pgp', fields: [['fp', fp] as const] })),
    ...mapsOf(group, 'kms').map(awsKey),
    ...mapsOf(group, 'gcp_kms').map((fields) => ({ type: 'gcp_kms', fields: fieldsOf(fields, ['resource_id']) })),
    ...mapsOf(group, 'azure_keyvault').map((fields) => ({
      type: 'azure_kv',
      fields: fieldsOf(fields, ['vaultUrl', 'key', 'version']),
    })),
    ...textsOf(group, 'hc_vault').flatMap(vaultKeys),
  ])
}

/** One of a group has its role, profile and context in fields of their own. */
const awsKey = (fields: Fields): KeyName =>
  awsKeyName({
    arn: textOf(fields, 'arn'),
    role: textOf(fields, 'role'),
    profile: textOf(fields, 'aws_profile'),
    context: contextOf(fields['context'] ?? {}),
  })

/** Left out it would be a key that opens for everybody who may use it, whatever they say. */
const contextOf = (context: unknown): Readonly<Record<string, string>> => {
  const isText = (pair: [string, unknown]): pair is [string, string] => typeof pair[1] === 'string'
  const pairs = isFields(context) ? Object.entries(context) : [['', null] satisfies [string, unknown]]
  if (!pairs.every(isText))
    throw new SopsError('bad-rule', '`context` of a key in AWS KMS is a map of texts; put numbers in quotes')
  return Object.fromEntries(pairs)
}

const textOf = (fields: Fields, name: string): string => {
  const value = fields[name] ?? ''
  if (typeof value !== 'string') throw new SopsError('bad-rule', `\`${name}\` of a creation rule is no text`)
  return value
}

const textsOf = (fields: Fields, name: string): readonly string[] => {
  const value = fields[name] ?? []
  const texts: readonly unknown[] = typeof value === 'string' ? value.split(',') : [value].flat()
  return texts
    .map((text) => {
      if (typeof text !== 'string') throw new SopsError('bad-rule', `\`${name}\` of a creation rule is no text`)
      return text.trim()
    })
    .filter((text) => text !== '')
}

const mapsOf = (fields: Fields, name: string): readonly Fields[] => {
  const value = fields[name] ?? []
  if (!Array.isArray(value) || !value.every(isFields))
    throw new SopsError('bad-rule', `\`${name}\` of a key group is no list of maps`)
  return value
}

const fieldsOf = (fields: Fields, names: readonly string[]): KeyName['fields'] =>
  names.flatMap((name) => (typeof fields[name] === 'string' ? [[name, fields[name]] as const] : []))

/** Rules that share keys by YAML's aliases name some twice. */
const unique = (keys: readonly KeyName[]): readonly KeyName[] => [
  ...new Map(keys.map((key) => [`${key.type} ${nameText(key)}`, key])).values(),
]

/** What a new rule file says. */
export interface NewRule {
  readonly pathRegex: string
  readonly encryptedRegex: string | null
  readonly keys: readonly KeyName[]
}

/** A rule file with one rule. */
export const ruleFileText = ({ pathRegex, encryptedRegex, keys }: NewRule): string => {
  const textsOfType = (type: string): string =>
    keys
      .filter((key) => key.type === type)
      .map(nameText)
      .join(',')
  const [age, aws, vault] = [textsOfType('age'), textsOfType('kms'), textsOfType('hc_vault')]
  return stringify({
    creation_rules: [
      {
        path_regex: pathRegex,
        ...(encryptedRegex === null ? {} : { encrypted_regex: encryptedRegex }),
        ...(age === '' ? {} : { age }),
        ...(aws === '' ? {} : { kms: aws }),
        ...(vault === '' ? {} : { hc_vault_transit_uri: vault }),
      },
    ],
  })
}
