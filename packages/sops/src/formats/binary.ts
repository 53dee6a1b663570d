import { bytesOf, textOrBytes } from '../scalar.ts'
import { SopsError } from '../sops-error.ts'
import { entry, leaf, map, valueAt } from '../tree.ts'
import type { Format } from './format.ts'
import { jsonFormat } from './json.ts'

const dataKey = 'data'

/** Any file, as the one value `data` of a JSON document. */
export const binaryFormat: Format<null> = {
  name: 'binary',
  readPlain: (bytes) => ({ docs: [map([entry(dataKey, leaf(textOrBytes(bytes)))])], layout: null }),
  readEncrypted: (bytes) => jsonFormat.readEncrypted(bytes),
  writePlain: ({ docs: [doc] }) => {
    const value = doc === undefined ? null : valueAt(doc, dataKey)
    if (value?.kind !== 'leaf' || (value.value.type !== 'str' && value.value.type !== 'bytes'))
      throw new SopsError('malformed', 'the document holds no binary data')
    return bytesOf(value.value)
  },
  writeEncrypted: (parsed, metadata) => jsonFormat.writeEncrypted(parsed, metadata),
}
