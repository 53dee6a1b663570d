import { SopsError } from '../../sops-error.ts'
import { text } from '../../scalar.ts'
import { entry, leaf, map, valueAt, without, type MapNode } from '../../tree.ts'
import { flatten, unflatten } from '../flatten.ts'
import { metadataKey, type Format } from '../format.ts'
import { utf8Text } from '../utf8-text.ts'
import { readIni } from './read-ini.ts'
import { writeIni, writeReadableIni } from './write-ini.ts'

/** INI: sections of keys; written as stock SOPS writes it. */
export const iniFormat: Format<null> = {
  name: 'ini',
  readPlain: (bytes) => ({ docs: [readIni(utf8Text(bytes))], layout: null }),
  readEncrypted: (bytes) => {
    const doc = readIni(utf8Text(bytes))
    const section = valueAt(doc, metadataKey)
    if (section !== null && section.kind !== 'map') throw new SopsError('malformed', '`sops` is no section')
    return {
      parsed: { docs: [without(doc, metadataKey)], layout: null },
      metadata: section === null ? null : metadataOf(section),
    }
  },
  writePlain: ({ docs }) => Buffer.from(writeIni(docs[0] ?? map([])), 'utf8'),
  writeEncrypted: ({ docs }, metadata) => {
    const stanza = flatten(metadata).map(([key, value]) => entry(key, leaf(text(value.replaceAll('\n', '\\n')))))
    return Buffer.from(writeReadableIni(map([...(docs[0]?.entries ?? []), entry(metadataKey, map(stanza))])), 'utf8')
  },
}

const metadataOf = ({ entries }: MapNode): MapNode =>
  unflatten(
    entries.flatMap((one) =>
      one.kind === 'entry' && one.value.kind === 'leaf' && one.value.value.type === 'str'
        ? [[one.key, one.value.value.text.replaceAll('\\\\n', '\n').replaceAll('\\n', '\n')] as const]
        : [],
    ),
  )
