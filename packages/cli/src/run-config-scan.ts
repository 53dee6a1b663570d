import { resolve } from 'node:path'
import { readFile, stat } from 'node:fs/promises'
import { lintSource } from '@secretlint/core'
import { creator } from '@secretlint/secretlint-rule-preset-recommend'
import { utf16Of, whyUnread } from '@gatehouse/kit'
import { documentBytesMax } from '@gatehouse/sops'
import type { Cli } from './cli.ts'
import { flagError } from './cli-error.ts'
import { configFile } from './config-files.ts'
import { allFilesUnder } from './config-tree.ts'
import { filesOfRange, gitContent, stagedFiles } from './git-content.ts'
import { textOf, type Arguments } from './parse-arguments.ts'
import { printable } from './printable.ts'
import { isSecretAssignment, linesOf } from './secret-assignment.ts'
import { showJson } from './show-output.ts'
import { drawTable } from './table.ts'

/** A secret in clear; what it is never stands in here. */
interface Finding {
  readonly file: string
  readonly line: number
  readonly rule: string
  /** The version of the file, as git names it: `git log --find-object` shows its commits. */
  readonly object?: string
}

interface Source {
  readonly name: string
  readonly object?: string
  /** Null: it is longer than what is read. */
  read(): Promise<Uint8Array | null>
}

/** `config scan`. Exit 1 when something is found. */
export const runConfigScan = async (cli: Cli, { values }: Arguments): Promise<number> => {
  const sources = await sourcesOf(cli, values)
  const isAllowed = await allowList(cli, textOf(values, 'allow'))
  const findings: Finding[] = []
  const [unread, notText]: [string[], string[]] = [[], []]
  for (const source of sources) {
    const bytes = await source.read()
    const content = bytes === null ? null : textOfBytes(bytes)
    if (content !== null) findings.push(...(await findingsIn(source, content)).filter((one) => !isAllowed(one)))
    else (bytes === null ? unread : notText).push(source.name)
  }
  const searched = sources.length - unread.length - notText.length
  if (values['sarif'] === true) showJson(cli, sarifOf(findings))
  else if (cli.options.form === 'json') showJson(cli, { findings, searched, unread, notText })
  else if (findings.length > 0) cli.terminal.out(tableOf(cli, findings))
  else cli.terminal.talk(`no secrets in clear in ${counted(searched)}\n`)
  sayNotSearched(cli, unread, `longer than ${documentBytesMax / 1024 / 1024} MiB`)
  sayNotSearched(cli, notText, 'no text')
  return findings.length === 0 ? 0 : 1
}

const counted = (files: number): string => (files === 1 ? '1 file' : `${files} files`)

/** Somebody's dump or picture does not keep all others from being searched; that it was not is said. */
const sayNotSearched = ({ terminal }: Cli, files: readonly string[], why: string): void => {
  if (files.length === 0) return
  const named = files.slice(0, namedMax).map(printable).join(', ')
  const more = files.length > namedMax ? ` and ${files.length - namedMax} more` : ''
  terminal.talk(`not searched, since ${why}: ${named}${more}\n`)
}

/** A list that a person still reads. */
const namedMax = 5

/** Files of a tree, of the next commit, or of the commits of a range. */
const sourcesOf = async (cli: Cli, values: Arguments['values']): Promise<readonly Source[]> => {
  const [directory, range] = [textOf(values, 'directory'), textOf(values, 'range')]
  const isStaged = values['staged'] === true
  if (isStaged && range !== null) throw flagError('range', 'what is staged is in no range yet: name one of both')
  if (isStaged || range !== null) {
    const files = range === null ? stagedFiles(cli, directory ?? '.') : filesOfRange(cli, range, directory ?? '.')
    return (await files).map((file) => ({ ...file, read: () => gitContent(cli, file) }))
  }
  if (directory === null) throw flagError('directory', 'where to look? `.` is here; --staged is the next commit')
  const names = await allFilesUnder(cli, directory)
  return names.map((name) => ({ name, read: () => fileBytes(cli, name) }))
}

const fileBytes = async (cli: Cli, name: string): Promise<Uint8Array | null> => {
  const size = await stat(resolve(cli.config.cwd, name)).then(
    (found) => found.size,
    () => 0, // whoever reads it says why it cannot be
  )
  return size > documentBytesMax ? null : (await configFile(cli, name)).bytes
}

const tableOf = ({ terminal }: Cli, findings: readonly Finding[]): string => {
  const isOfGit = findings.some(({ object }) => object !== undefined)
  return drawTable(
    {
      columns: ['FILE', 'LINE', 'RULE', ...(isOfGit ? ['OBJECT'] : [])],
      rows: findings.map(({ file, line, rule, object }) => [
        printable(file),
        String(line),
        rule,
        ...(isOfGit ? [(object ?? '').slice(0, 12)] : []),
      ]),
    },
    terminal,
  )
}

const findingsIn = async ({ name, object }: Source, content: string): Promise<readonly Finding[]> => {
  const { messages } = await lintSource({
    source: { content, filePath: name, contentType: 'text' },
    options: { config: { rules: [{ id: '@secretlint/secretlint-rule-preset-recommend', rule: creator }] } },
  })
  const known = messages.map(({ ruleId, loc }) => ({
    file: name,
    line: loc.start.line,
    rule: ruleId.replace('@secretlint/secretlint-rule-', ''),
  }))
  const lines = new Set(known.map(({ line }) => line))
  return [...known, ...assignments(name, content).filter(({ line }) => !lines.has(line))]
    .toSorted((a, b) => a.line - b.line)
    .map((finding) => (object === undefined ? finding : { ...finding, object }))
}

/** Null: it is no text. What a shell of Windows writes with `>` is UTF-16, with a zero in every second byte. */
const textOfBytes = (bytes: Uint8Array): string | null => {
  const utf16 = utf16Of(bytes)
  if (utf16 === null) return bytes.includes(0) ? null : Buffer.from(bytes).toString('utf8')
  const text = new TextDecoder(utf16.encoding).decode(bytes)
  return text.includes('\0') ? null : text
}

/** Longer ones no person wrote. */
const lineCharsMax = 2000

/** No secret itself, but where it stands the secret is not far; the rule set leaves it out. */
const awsKeyId = /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/

const assignments = (file: string, content: string): readonly Finding[] => {
  const of = linesOf(file)
  return content.split('\n').flatMap((text, index): Finding[] => {
    if (text.length > lineCharsMax) return []
    if (awsKeyId.test(text)) return [{ file, line: index + 1, rule: 'aws-access-key-id' }]
    return isSecretAssignment(text, of) ? [{ file, line: index + 1, rule: 'secret-assignment' }] : []
  })
}

/** Lines of `path` or `path:rule`; what stands in them is no finding. */
const allowList = async ({ config }: Cli, name: string | null): Promise<(finding: Finding) => boolean> => {
  if (name === null) return () => false
  const text = await readFile(resolve(config.cwd, name), 'utf8').catch((cause: unknown) => {
    throw flagError('allow', `cannot read ${name}: ${whyUnread(cause)}`)
  })
  const allowed = new Set(text.split(/\r?\n/).map((line) => line.trim()))
  return ({ file, rule }) => allowed.has(file) || allowed.has(`${file}:${rule}`)
}

/** A path as a reference of RFC 3986, which SARIF asks for (§3.4.3): a name may hold what an address does not. */
const uriOf = (file: string): string => file.split('/').map(encodeURIComponent).join('/')

/** The form that code hosts show findings from. */
const sarifOf = (findings: readonly Finding[]): unknown => ({
  $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
  version: '2.1.0',
  runs: [
    {
      tool: {
        driver: {
          name: 'gatehouse config scan',
          rules: [...new Set(findings.map(({ rule }) => rule))].map((id) => ({ id })),
        },
      },
      results: findings.map(({ file, line, rule }) => ({
        ruleId: rule,
        level: 'error',
        message: { text: 'a secret in clear' },
        locations: [{ physicalLocation: { artifactLocation: { uri: uriOf(file) }, region: { startLine: line } } }],
      })),
    },
  ],
})
