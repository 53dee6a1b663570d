import { parseTime, type Scalar } from './scalar.ts'
import { defaultSelector, selectorIn, selectorNames, type Selector } from './selectors.ts'
import { SopsError } from './sops-error.ts'
import { entry, leaf, list, map, valueAt, type Entry, type MapNode, type Node } from './tree.ts'

/** One key of a document, and the data key (or its share) as it wrapped it. */
export interface Stanza {
  /** `age`, `kms`, `hc_vault` …: the list that it stands in. */
  readonly type: string
  readonly fields: Readonly<Record<string, string>>
  /** What AWS KMS has to be told beside the wrapped key; empty for other keys. */
  readonly context: Readonly<Record<string, string>>
  /** All of it, with what we do not know. */
  readonly node: MapNode
}

/** Keys of which each opens the group's share. */
export type KeyGroup = readonly Stanza[]

/** What a document says of itself. */
export interface Metadata {
  readonly groups: readonly KeyGroup[]
  /** How many groups it takes, where there are several. */
  readonly threshold: number
  readonly selector: Selector
  readonly macOnlyEncrypted: boolean
  readonly lastModified: string
  readonly mac: string
  readonly version: string
  /** As it stood, with what we do not know. */
  readonly node: MapNode
}

/** More groups than shares there are, or more keys than anybody has, are made to keep a reader busy. */
const groupsMax = 255
const stanzasMax = 1000

/** Reads metadata. Throws `malformed` for what is missing or wrong, `encoding` where it was wrong for that alone. */
export const readMetadata = (node: MapNode): Metadata => {
  const fields = fieldsOf(node)
  const own = stanzasOf(node)
  const grouped = valueAt(node, 'key_groups')
  const others =
    grouped?.kind === 'list' ? grouped.items.flatMap((item) => (item.kind === 'map' ? [stanzasOf(item)] : [])) : []
  const groups = own.length > 0 ? [own] : others
  if (groups.length > groupsMax || groups.flat().length > stanzasMax)
    throw new SopsError('too-large', 'the metadata name too many keys')
  if (groups.length === 0 || groups.some((group) => group.length === 0))
    throw new SopsError('malformed', 'the metadata name no keys')
  return {
    groups,
    threshold: thresholdOf(fields, groups),
    selector: selectorIn(fields) ?? defaultSelector,
    macOnlyEncrypted: fields['mac_only_encrypted'] === 'true',
    lastModified: lastModifiedOf(fields),
    mac: fields['mac'] ?? '',
    version: fields['version'] ?? '',
    node,
  }
}

const thresholdOf = (fields: Readonly<Record<string, string>>, groups: readonly KeyGroup[]): number => {
  const text = fields['shamir_threshold'] ?? '0'
  const threshold = /^\d{1,3}(\.0*)?$/.test(text) ? Number(text) : Number.NaN
  if (Number.isNaN(threshold) || threshold > groups.length)
    throw new SopsError('malformed', '`shamir_threshold` is wrong')
  return threshold === 0 ? groups.length : threshold
}

/** The time in the form that is part of the hash's associated data. */
const lastModifiedOf = ({ lastmodified = '' }: Readonly<Record<string, string>>): string => {
  // of all formats only ENV keeps the end of a line as part of a value, as stock SOPS does
  if (lastmodified.endsWith('\r'))
    throw new SopsError('encoding', 'lines of the file end in CRLF, which an ENV file takes as part of its values')
  if (parseTime(lastmodified) === null) throw new SopsError('malformed', '`lastmodified` is no time')
  return lastmodified.replace(/\.\d+/, '').replace(/[+-]00:00$/, 'Z')
}

const fieldsOf = (node: MapNode): Readonly<Record<string, string>> =>
  Object.fromEntries(
    node.entries.flatMap((one) => {
      const text = one.kind === 'entry' && one.value.kind === 'leaf' ? textOf(one.value.value) : null
      return one.kind === 'entry' && text !== null ? [[one.key, text] as const] : []
    }),
  )

const textOf = (scalar: Scalar): string | null => {
  if (scalar.type === 'null' || scalar.type === 'bytes') return null
  return 'text' in scalar ? scalar.text : String(scalar.value)
}

/** Every list of maps that hold a wrapped key: those that we know, and those of other versions. */
const stanzasOf = (node: MapNode): KeyGroup =>
  node.entries.flatMap((one) => {
    if (one.kind === 'comment' || one.key === 'key_groups' || one.value.kind !== 'list') return []
    return one.value.items.flatMap((item) => (item.kind === 'map' ? [stanza(one.key, item)] : []))
  })

export const stanza = (type: string, node: MapNode): Stanza => {
  const context = valueAt(node, 'context')
  return { type, fields: fieldsOf(node), context: context?.kind === 'map' ? fieldsOf(context) : {}, node }
}

/** A stanza of its fields, in the order of stock SOPS. */
export const stanzaOf = (type: string, fields: readonly (readonly [string, string])[]): Stanza =>
  stanza(type, map(fields.map(([key, value]) => entry(key, leaf({ type: 'str', text: value })))))

/** What changes whenever a document is written. */
export type Seal = Pick<Metadata, 'lastModified' | 'mac'>

/** Metadata with another seal; everything else stands as it stood. */
export const resealed = ({ node }: Metadata, { lastModified, mac }: Seal): MapNode =>
  withField(withField(node, 'lastmodified', text(lastModified)), 'mac', text(mac))

/** Metadata with other keys; what is not about keys stands as it stood. */
export const withGroups = (node: MapNode, { groups, threshold }: Pick<Metadata, 'groups' | 'threshold'>): MapNode => {
  const others = node.entries.filter((one) => one.kind === 'comment' || !isAboutKeys(one))
  return map([...keyEntries(groups, threshold), ...others])
}

const isAboutKeys = ({ key, value }: Entry): boolean =>
  key === 'key_groups' ||
  key === 'shamir_threshold' ||
  (value.kind === 'list' && value.items.some(({ kind }) => kind === 'map'))

/** The orders in which stock SOPS writes. */
const groupOrder = ['pgp', 'kms', 'gcp_kms', 'azure_kv', 'hc_vault', 'age']
const topOrder = ['kms', 'gcp_kms', 'azure_kv', 'hc_vault', 'age', 'pgp']

const keyEntries = (groups: readonly KeyGroup[], threshold: number): readonly Entry[] => {
  const [only] = groups
  if (only !== undefined && groups.length === 1) return stanzaEntries(only, topOrder)
  const nodes = groups.map((group) => map(withEmptyLists(stanzaEntries(group, groupOrder))))
  return [entry('shamir_threshold', leaf({ type: 'int', value: BigInt(threshold) })), entry('key_groups', list(nodes))]
}

const stanzaEntries = (group: KeyGroup, order: readonly string[]): readonly Entry[] => {
  const types = [...new Set(group.map(({ type }) => type))].toSorted((a, b) => order.indexOf(a) - order.indexOf(b))
  return types.map((type) => entry(type, list(group.filter((one) => one.type === type).map(({ node }) => node))))
}

/** In a group these two are written even where they are empty. */
const withEmptyLists = (entries: readonly Entry[]): readonly Entry[] => {
  const missing = ['hc_vault', 'age']
    .filter((type) => !entries.some(({ key }) => key === type))
    .map((type) => entry(type, list([])))
  return [...entries, ...missing].toSorted((a, b) => groupOrder.indexOf(a.key) - groupOrder.indexOf(b.key))
}

/** The metadata of a document that is encrypted for the first time. */
export const newMetadata = ({
  groups,
  threshold,
  selector,
  macOnlyEncrypted,
  lastModified,
  mac,
  version,
}: Omit<Metadata, 'node'>): MapNode => {
  const selected = selectorNames
    .filter((name) => name === selector.name)
    .map((name) => entry(name, text(selector.value)))
  return map([
    ...keyEntries(groups, threshold),
    entry('lastmodified', text(lastModified)),
    entry('mac', text(mac)),
    ...selected,
    ...(macOnlyEncrypted ? [entry('mac_only_encrypted', leaf({ type: 'bool', value: true }))] : []),
    entry('version', text(version)),
  ])
}

const text = (value: string): Node => leaf({ type: 'str', text: value })

const withField = (node: MapNode, key: string, value: Node): MapNode =>
  valueAt(node, key) === null
    ? map([...node.entries, entry(key, value)])
    : map(node.entries.map((one) => (one.kind === 'entry' && one.key === key ? entry(key, value) : one)))
