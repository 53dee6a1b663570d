import { binaryFormat } from './binary.ts'
import { dotenvFormat } from './dotenv.ts'
import type { Format, FormatName } from './format.ts'
import { iniFormat } from './ini/ini.ts'
import { jsonFormat } from './json.ts'
import { yamlFormat } from './yaml/yaml.ts'

/** All formats that SOPS has. */
export const formats = {
  yaml: yamlFormat as Format,
  json: jsonFormat as Format,
  dotenv: dotenvFormat as Format,
  ini: iniFormat as Format,
  binary: binaryFormat as Format, // each takes back only the layout that it gave out
} as const satisfies Record<FormatName, Format>

const endings: readonly (readonly [string, FormatName])[] = [
  ['.yaml', 'yaml'],
  ['.yml', 'yaml'],
  ['.json', 'json'],
  ['.env', 'dotenv'],
  ['.ini', 'ini'],
]

/** The format of a file by its name, as stock SOPS tells it; what it does not know is binary. */
export const formatOf = (path: string): FormatName => endings.find(([ending]) => path.endsWith(ending))?.[1] ?? 'binary'
