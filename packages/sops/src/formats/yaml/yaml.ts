import { SopsError } from '../../sops-error.ts'
import { valueAt, without } from '../../tree.ts'
import { metadataKey, type Format, type Parsed } from '../format.ts'
import { utf8Text } from '../utf8-text.ts'
import { readYaml } from './read-yaml.ts'
import { writeYaml, type YamlLayout } from './write-yaml.ts'

/** YAML: several documents, comments, and the layout of what was there. */
export const yamlFormat: Format<YamlLayout> = {
  name: 'yaml',
  readPlain: (bytes) => {
    const source = utf8Text(bytes)
    const { docs, parts } = readYaml(source)
    return { docs, layout: { source, parts, docs, cut: [] } }
  },
  readEncrypted: (bytes) => {
    const source = utf8Text(bytes)
    const { docs, parts } = readYaml(source)
    // every document repeats them, the first counts
    const metadata = docs.map((doc) => valueAt(doc, metadataKey)).find((node) => node !== null) ?? null
    if (metadata !== null && metadata.kind !== 'map') throw new SopsError('malformed', '`sops` is no map')
    const values = docs.map((doc) => without(doc, metadataKey))
    return { parsed: { docs: values, layout: { source, parts, docs: values, cut: [metadataKey] } }, metadata }
  },
  writePlain: ({ docs, layout }) => Buffer.from(writeYaml(docs, layout, null), 'utf8'),
  writeEncrypted: (parsed: Parsed<YamlLayout>, metadata) =>
    Buffer.from(writeYaml(parsed.docs, parsed.layout, metadata), 'utf8'),
}
