import { resolve } from 'node:path'
import { readFile } from 'node:fs/promises'
import { lintSource } from '@secretlint/core'
import { creator } from '@secretlint/secretlint-rule-preset-recommend'
import { whyUnread } from '@gatehouse/kit'
import type { Cli } from './cli.ts'
import { flagError } from './cli-error.ts'
import { configFile } from './config-files.ts'
import { allFilesUnder } from './config-tree.ts'
import { filesOfRange, gitContent, stagedFiles } from './git-content.ts'
import { textOf, type Arguments } from './parse-arguments.ts'
import { printable } from './printable.ts'
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
  read(): Promise<Uint8Array>
}

/** `config scan`. Exit 1 when something is found. */
export const runConfigScan = async (cli: Cli, { values }: Arguments): Promise<number> => {
  const sources = await sourcesOf(cli, values)
  const isAllowed = await allowList(cli, textOf(values, 'allow'))
  const findings: Finding[] = []
  for (const source of sources) findings.push(...(await findingsIn(source)).filter((one) => !isAllowed(one)))
  if (values['sarif'] === true) showJson(cli, sarifOf(findings))
  else if (cli.options.form === 'json') showJson(cli, { findings })
  else if (findings.length > 0) cli.terminal.out(tableOf(cli, findings))
  else cli.terminal.talk(`no secrets in clear in ${sources.length} files\n`)
  return findings.length === 0 ? 0 : 1
}

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
  return names.map((name) => ({ name, read: async () => (await configFile(cli, name)).bytes }))
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

const findingsIn = async ({ name, object, read }: Source): Promise<readonly Finding[]> => {
  const bytes = await read()
  if (bytes.includes(0)) return [] // no text
  const content = Buffer.from(bytes).toString('utf8')
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

/** A key that says that its value is secret; then values that are encrypted, references or placeholders. */
const secretName = 'password|passwd|secret|token|api[_-]?key|private[_-]?key'
const assignment = new RegExp(`^[\\s"'-]*(?:export\\s+)?[\\w.-]*(?:${secretName})["']?\\s*[:=]\\s*(.+?)[\\s,;]*$`, 'i')
const harmless =
  /^["']?(?:ENC\[|\$|<|\{|\[|\||>|\*|!|%|~$|null|none|true|false|\d+[smhd]?["']?$|changeme|example|x{3,}|$)/i
const valueCharsMin = 6
const lineCharsMax = 2000

/** No secret itself, but where it stands the secret is not far; the rule set leaves it out. */
const awsKeyId = /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/

const assignments = (file: string, content: string): readonly Finding[] =>
  content.split('\n').flatMap((text, index): Finding[] => {
    if (text.length > lineCharsMax) return []
    if (awsKeyId.test(text)) return [{ file, line: index + 1, rule: 'aws-access-key-id' }]
    const value = assignment.exec(text)?.[1] ?? ''
    const isSecret = value.length >= valueCharsMin && !harmless.test(value) && !/[\s()]/.test(value)
    return isSecret ? [{ file, line: index + 1, rule: 'secret-assignment' }] : []
  })

/** Lines of `path` or `path:rule`; what stands in them is no finding. */
const allowList = async ({ config }: Cli, name: string | null): Promise<(finding: Finding) => boolean> => {
  if (name === null) return () => false
  const text = await readFile(resolve(config.cwd, name), 'utf8').catch((cause: unknown) => {
    throw flagError('allow', `cannot read ${name}: ${whyUnread(cause)}`)
  })
  const allowed = new Set(text.split(/\r?\n/).map((line) => line.trim()))
  return ({ file, rule }) => allowed.has(file) || allowed.has(`${file}:${rule}`)
}

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
        locations: [{ physicalLocation: { artifactLocation: { uri: file }, region: { startLine: line } } }],
      })),
    },
  ],
})
