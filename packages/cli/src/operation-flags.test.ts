import { operationNames, operations, publicOperationNames, SecretText, type OperationName } from '@gatehouse/contract'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { allCommands } from './all-commands.ts'
import { commandText } from './command.ts'
import { findCommand } from './find-command.ts'
import { withCommonFlags } from './flag.ts'
import { commandOf } from './generated-commands.ts'
import { groupOverview, helpOf, overview } from './help.ts'
import { flagsOf, unwrap } from './operation-flags.ts'
import { parseArguments, requireFlags } from './parse-arguments.ts'
import { wordsOf } from './words.ts'

const commands = allCommands()

/** Words of a line as a shell has them, without what it does itself: redirections, pipes, the next command, remarks. */
function shellWords(line: string): string[] {
  const words = line.match(/"[^"]*"|'[^']*'|(?:[^\s"'\\]|\\.|"[^"]*"|'[^']*')+/g) ?? []
  const end = words.findIndex((word) => /^([<>|;#]|&&|\d?>)/.test(word))
  return (end === -1 ? words : words.slice(0, end)).map((word) => word.replaceAll(/["']/g, ''))
}

function whyNotTyped(line: string): string[] {
  const found = findCommand(shellWords(line), commands)
  if (found === null) return [`${line}: no command`]
  const { command, rest } = found
  if (command.verbatim === true) return [] // the server's own program reads the rest
  try {
    const { values } = parseArguments(rest, {
      flags: withCommonFlags(command.flags),
      positionals: command.positionals,
      takesRest: command.rest !== null,
      command: commandText(command),
    })
    requireFlags(values, command.flags)
    return []
  } catch (error) {
    return [`${line}: ${String(error)}`]
  }
}

const flagsByName = (name: keyof typeof operations) =>
  Object.fromEntries(flagsOf(operations[name]).map((flag) => [flag.name, flag]))

describe('flags of an operation', () => {
  test("bear the names that interfaces.md fixes for a host's registration", () => {
    expect(Object.keys(flagsByName('sshHost.register'))).toEqual([
      'name',
      'address',
      'port',
      'user',
      'access',
      'workspace',
      'authorized-keys',
      'host-key',
      'principals',
      'source-addresses',
      'otp-addresses',
      'unbound',
      'contact-waiver',
    ])
  })

  test('lose `Seconds` and take a duration', () => {
    expect(flagsByName('sshCertificate.sign')['ttl']).toMatchObject({
      field: 'ttlSeconds',
      kind: 'duration',
      required: false,
      defaultText: '1h',
    })
  })

  test('know what must be there, what may be chosen and what is several', () => {
    const flags = flagsByName('sshHost.register')
    expect([flags['access'], flags['principals'], flags['port']]).toMatchObject([
      { kind: 'choice', choices: ['ca', 'managementKey'], required: true },
      { kind: 'list', required: false },
      { kind: 'integer', defaultText: '22' },
    ])
  })

  test('hold every input field of every operation', () => {
    for (const name of operationNames)
      expect(
        flagsOf(operations[name]).map(({ field }) => field),
        name,
      ).toEqual(Object.keys(operations[name].input.shape))
  })

  test('say what they are for, each by words that fit its command', () => {
    const shown = allCommands().filter(({ hidden }) => hidden !== true)
    const silent = shown.flatMap((command) =>
      command.flags.filter(({ help }) => help === '').map(({ name }) => `${commandText(command)} --${name}`),
    )
    expect(silent).toEqual([])
    expect(flagsByName('policy.rollback')['to']?.help).toContain('history')
    expect(flagsByName('audit.consistency')['from']?.help).toContain('size')
    expect(flagsByName('auditSink.create')['host']?.help).toContain('collector')
  })

  test('are told of in lines that fit a terminal of 80 columns, and of 40', () => {
    for (const width of [80, 40])
      for (const command of allCommands()) {
        const flags = helpOf(command, width)
          .split('\n')
          .filter((line) => line.startsWith('      '))
        for (const line of flags) expect(line.length, `${commandText(command)}: ${line}`).toBeLessThanOrEqual(width)
      }
  })

  test('never share a name with one another or with the flags of everywhere', () => {
    for (const command of allCommands()) {
      const names = withCommonFlags(command.flags).map(({ name }) => name)
      expect(new Set(names).size, commandText(command)).toBe(names.length)
    }
  })
})

describe('commands', () => {
  const texts = allCommands().map(commandText)

  test('there is one for every public operation that is not a step of log-in', () => {
    const steps = [
      'auth.login',
      'auth.completeMfa',
      'auth.mfaOptions',
      'auth.passkeyBegin',
      'auth.passkeyComplete',
      'auth.refresh',
      'auth.logout',
      'auth.verify',
      'auth.stepUpBegin',
      'auth.stepUpComplete',
      'auth.deviceStart',
      'auth.deviceApprove',
      'auth.devicePoll',
      'auth.acceptInvite',
      'webauthn.registerBegin',
      'webauthn.registerComplete',
      'user.import',
      'audit.exportStream',
      'policy.simulationWatch',
      'breakGlass.approveOptions',
    ]
    const expected = publicOperationNames.filter((name) => !steps.includes(name)).map((name) => wordsOf(name).join(' '))
    expect(texts).toEqual(expect.arrayContaining(expected))
    const hidden = publicOperationNames.filter((name) => operations[name].command?.hidden === true)
    expect(hidden.toSorted()).toEqual(
      [
        ...steps,
        'alertChannel.create',
        'alertChannel.update',
        'audit.export',
        'audit.tail',
        'auditSink.create',
        'kms.decrypt',
        'kms.encrypt',
        'kms.generateDataKey',
        'kms.rewrap',
        'lease.issue',
        'lease.unwrap',
        'secretBackend.configure',
        'secretRole.create',
        'secretRole.update',
        'sshAuthority.configure',
        'sshHost.import',
        'sshOtp.verify',
      ].toSorted(),
    )
  })

  test('a step of log-in is part of a written command, save what only a browser can do', () => {
    const covered = allCommands().flatMap(({ covers }) => covers)
    const ofTheBrowser = [
      'auth.mfaOptions',
      'auth.passkeyBegin',
      'auth.passkeyComplete',
      'auth.deviceApprove',
      'webauthn.registerBegin',
      'webauthn.registerComplete',
      'breakGlass.approveOptions',
    ]
    expect(
      publicOperationNames
        .filter((name) => operations[name].command?.hidden === true && !covered.includes(name))
        .toSorted(),
    ).toEqual(ofTheBrowser.toSorted())
  })

  test('there is none for what only the worker does', () => {
    expect(
      operationNames
        .filter((name) => operations[name].internal === true)
        .filter((name) => texts.includes(wordsOf(name).join(' '))),
    ).toEqual([])
  })

  test('no words stand for two of them', () => {
    expect(new Set(texts).size).toBe(texts.length)
  })

  // Threat E5: a secret on the command line stands in the shell's history and in every process list
  test('no generated one takes a secret from a flag, but a code that is spent by use', () => {
    for (const name of publicOperationNames.filter((candidate) => operations[candidate].command?.hidden !== true)) {
      const secrets = Object.entries(operations[name].input.shape)
        .filter(([, schema]) => unwrap(schema as never).inner === SecretText)
        .map(([field]) => field)
      const written = allCommands().find((command) => commandText(command) === wordsOf(name).join(' '))
      const flags = (written?.flags ?? []).filter(({ field }) => secrets.includes(field)).map((flag) => flag.name)
      expect(
        flags.filter((flag) => flag !== 'totp'),
        name,
      ).toEqual([])
    }
  })

  test('no help offers to print ids where there are none', () => {
    const examplesOf = (name: OperationName): readonly string[] =>
      helpOf(commandOf(name))
        .split('\n')
        .filter((line) => line.startsWith('  gatehouse'))
    const status = '  gatehouse policy status'
    expect(examplesOf('policy.status')).toEqual([status, `${status} --json`, `${status} -o wide`])
    expect(examplesOf('audit.checkpoint').at(-1)).toBe('  gatehouse audit checkpoint --quiet > kept.txt')
  })

  test('every help has a line of what it does, a usage, three examples, and says what it needs', () => {
    for (const command of allCommands().filter(({ hidden }) => hidden !== true)) {
      const lines = helpOf(command).split('\n')
      const examples = lines
        .slice(lines.indexOf('examples') + 1)
        .filter((line) => line.startsWith(`  gatehouse ${commandText(command)}`))
      expect(lines[0], commandText(command)).toBe(command.summary)
      expect(lines[2], commandText(command)).toMatch(/^usage: gatehouse /)
      expect(examples.length, commandText(command)).toBeGreaterThanOrEqual(3)
      expect(lines.includes('required'), commandText(command)).toBe(command.flags.some(({ required }) => required))
      for (const example of examples)
        expect(example).not.toMatch(/(--json|--quiet|-o wide)\b.* (--json|--quiet|-o wide)\b/)
    }
    expect(helpOf(commandOf('policy.reload'))).toContain('gatehouse auth step-up --totp CODE')
  })

  test('lists of commands fit a terminal of 80 columns, and of 60', () => {
    const nouns = [...new Set(commands.map(({ words }) => words[0] ?? ''))]
    for (const width of [80, 60]) {
      const lists = [
        overview(commands, width),
        ...nouns.map((noun) => groupOverview(commands, { group: [noun], width })),
      ]
      const long = lists.flatMap((list) => list.split('\n')).filter((line) => line.length > width)
      expect(long).toEqual([])
    }
    expect(overview(commands)).toContain('  lease revoke ')
    expect(overview(commands, 60)).toMatch(/^ {2}lease revoke(\n {6}| +)\S/m)
  })

  test('what help and guides say to type can be typed', () => {
    const guides = fileURLToPath(new URL('../../../docs/guides/', import.meta.url))
    const pages = readdirSync(guides).map((name) => readFileSync(join(guides, name), 'utf8'))
    const lines = [...commands.map((command) => helpOf(command, 200)), ...pages]
      .flatMap((text) => text.replaceAll(/\\\n\s*/g, ' ').split('\n'))
      .flatMap((line) => /^ *gatehouse +(?=[a-z])(.*)/.exec(line)?.[1] ?? [])
    expect(lines.length).toBeGreaterThan(600)
    expect(lines.flatMap(whyNotTyped)).toEqual([])
  })
})

test('what tries something says in a field of its answer whether it went well, for the exit code', () => {
  const trying = publicOperationNames.flatMap((name) => {
    const { command, output } = operations[name]
    if (command?.succeeds === undefined) return []
    const { shape } = output as unknown as { shape: Readonly<Record<string, typeof output>> } // answers are objects
    return [[name, command.succeeds, shape[command.succeeds]?.safeParse(true).success]]
  })
  expect(trying).toEqual([
    ['secretBackend.probe', 'usable', true],
    ['sshHost.check', 'reachable', true],
    ['sshAuthority.probe', 'usable', true],
    ['alertChannel.test', 'delivered', true],
  ])
})

// A field has one text wherever it stands; that of a filter is wrong where something is made or changed.
test('no flag of what makes or changes something speaks of a filter', () => {
  const wrong = publicOperationNames
    .filter((name) => operations[name].kind === 'mutation' && operations[name].command?.hidden !== true)
    // these keep what is filtered by
    .filter((name) => !/^(audit|auditView|auditSink|alertChannel|leaseView)\./.test(name))
    .flatMap((name) => flagsOf(operations[name]).map((flag) => ({ name, flag })))
    .filter(({ flag }) => /^only (?!one\b)/.test(flag.help))
    .map(({ name, flag }) => `${name} --${flag.name}: ${flag.help}`)
  expect(wrong).toEqual([])
})
