import { isEncrypted, keyText, metadataOf, nameText, type CreationRule, type Metadata } from '@gatehouse/sops'
import type { Cli } from './cli.ts'
import { aboutFile, configFile, holdsCiphertext, isBlank, readConfigFile, ruleOrNull } from './config-files.ts'
import { filesUnder } from './config-tree.ts'
import { textOf, type Arguments } from './parse-arguments.ts'
import { printable } from './printable.ts'
import { showJson } from './show-output.ts'
import { drawDetails, drawTable } from './table.ts'

/** `config is-encrypted`. */
export const runConfigIsEncrypted = async (cli: Cli, args: Arguments): Promise<number> => {
  const { bytes, format, name } = await readConfigFile(cli, args)
  const encrypted = await aboutFile(name, async () => isEncrypted(bytes, format))
  if (cli.options.form === 'json') showJson(cli, { file: name, encrypted })
  else cli.terminal.out(encrypted ? 'encrypted\n' : 'not encrypted\n')
  return encrypted ? 0 : 1
}

/** `config info`. */
export const runConfigInfo = async (cli: Cli, args: Arguments): Promise<number> => {
  const { bytes, format, name } = await readConfigFile(cli, args)
  const facts = factsOf(await aboutFile(name, async () => metadataOf(bytes, format)))
  if (cli.options.form === 'json') showJson(cli, { file: name, format, ...facts })
  else {
    const groups = facts.groups.map((keys, index): [string, string] => [
      facts.groups.length === 1 ? 'for' : `group ${index + 1}`,
      keys.map(({ type, key }) => printable(`${type} ${key}`)).join(', '),
    ])
    const needed: readonly [string, string][] =
      facts.groups.length === 1 ? [] : [['needs', `${facts.threshold} of ${facts.groups.length} groups`]]
    const selected: [string, string] = [facts.selector.name.replaceAll('_', ' '), printable(facts.selector.value)]
    cli.terminal.out(
      drawDetails(
        [
          ['file', printable(name)],
          ['format', format],
          ['last changed', facts.lastModified],
          ...groups,
          ...needed,
          selected,
          ['version', printable(facts.version)],
        ],
        cli.terminal,
      ),
    )
  }
  return 0
}

const factsOf = ({ groups, threshold, selector, macOnlyEncrypted, lastModified, version }: Metadata) => ({
  groups: groups.map((group) => group.map((stanza) => ({ type: stanza.type, key: keyText(stanza) }))),
  threshold,
  selector,
  macOnlyEncrypted,
  lastModified,
  version,
})

/** What is wrong with a file, as a script tells it apart. */
interface Finding {
  readonly file: string
  readonly kind:
    | 'not-encrypted'
    | 'unreadable'
    | 'extra-recipient'
    | 'missing-recipient'
    | 'selector'
    | 'threshold'
    | 'no-rule'
  readonly message: string
}

/** `config validate`. */
export const runConfigValidate = async (cli: Cli, args: Arguments): Promise<number> => {
  const names = await filesUnder(cli, textOf(args.values, 'file') ?? '')
  const findings: Finding[] = []
  // one after the other: a tree has more files than a process may hold open
  for (const name of names) findings.push(...(await findingsOf(cli, name)))
  if (cli.options.form === 'json') showJson(cli, { ok: findings.length === 0, files: names.length, findings })
  else if (findings.length > 0)
    cli.terminal.out(
      drawTable(
        {
          columns: ['FILE', 'KIND', 'WHAT'],
          rows: findings.map(({ file, kind, message }) => [printable(file), kind, printable(message)]),
        },
        cli.terminal,
      ),
    )
  else cli.terminal.talk('all files are as .sops.yaml says\n')
  return findings.length === 0 ? 0 : 1
}

const findingsOf = async (cli: Cli, name: string): Promise<readonly Finding[]> => {
  const file = await configFile(cli, name)
  const rule = await ruleOrNull(cli, file)
  const found = (kind: Finding['kind'], message: string): Finding => ({ file: name, kind, message })
  if (isBlank(file)) return []
  try {
    if (!isEncrypted(file.bytes, file.format))
      return rule === null
        ? []
        : [found('not-encrypted', 'has a rule and is in clear: gatehouse config encrypt --in-place')]
    if (rule === null) return [found('no-rule', 'is encrypted, and no rule says for whom')]
    return differences(metadataOf(file.bytes, file.format), rule).map((one) => ({ file: name, ...one }))
  } catch (error) {
    // what is no document of its format concerns nobody, unless somebody said that it is to be encrypted, or it was
    if (rule === null && !holdsCiphertext(file)) return []
    return [found('unreadable', error instanceof Error ? error.message : String(error))]
  }
}

type Difference = Pick<Finding, 'kind' | 'message'>

const differences = (metadata: Metadata, rule: CreationRule): readonly Difference[] => {
  const [now, meant] = [metadata.selector, rule.selector].map(({ name, value }) => `${name} ${value}`)
  const selector: Difference = { kind: 'selector', message: `selects by ${now}, and the rule by ${meant}` }
  const threshold: Difference = {
    kind: 'threshold',
    message: `takes ${metadata.threshold} groups, and the rule says ${rule.threshold}`,
  }
  return [
    ...recipientDifferences(metadata, rule),
    ...(now === meant ? [] : [selector]),
    ...(rule.groups.length > 1 && metadata.threshold !== rule.threshold ? [threshold] : []),
  ]
}

const recipientDifferences = (metadata: Metadata, rule: CreationRule): readonly Difference[] => {
  const now = metadata.groups.flatMap((group, index) =>
    group.map((stanza) => ({ index, key: `${stanza.type} ${keyText(stanza)}` })),
  )
  const meant = rule.groups.flatMap((group, index) =>
    group.map((one) => ({ index, key: `${one.type} ${nameText(one)}` })),
  )
  const lacks = (all: typeof now, { index, key }: (typeof now)[number]): boolean =>
    !all.some((one) => one.index === index && one.key === key)
  return [
    ...now
      .filter((one) => lacks(meant, one))
      .map(({ key }): Difference => ({
        kind: 'extra-recipient',
        message: `is encrypted for ${key}, whom no rule names`,
      })),
    ...meant
      .filter((one) => lacks(now, one))
      .map(({ key }): Difference => ({ kind: 'missing-recipient', message: `is not encrypted for ${key}` })),
  ]
}
