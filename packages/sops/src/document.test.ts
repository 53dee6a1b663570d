import { secret } from '@gatehouse/contract'
import { generateHybridIdentity, generateX25519Identity, identityToRecipient } from 'age-encryption'
import { beforeAll, describe, expect, test } from 'vitest'
import {
  ageIdentities,
  ageKeys,
  ageRecipients,
  encryptAgain,
  encryptNew,
  encryptUnderNewKey,
  metadataOf,
  openDocument,
  plainBytes,
  readPlainDocument,
  wrapForKeys,
  type FormatName,
  type KeyName,
  type KeyService,
} from './index.ts'

let services: readonly KeyService[]
let [ours, theirs]: readonly KeyName[] = []
let theirServices: readonly KeyService[]
beforeAll(async () => {
  const identities = await Promise.all([generateX25519Identity(), generateX25519Identity()])
  const [mine = '', other = ''] = identities
  services = [ageKeys(ageIdentities(mine))]
  theirServices = [ageKeys(ageIdentities(other))]
  ;[ours, theirs] = ageRecipients((await Promise.all(identities.map((one) => identityToRecipient(one)))).join(','))
})

const now = new Date('2026-01-02T03:04:05.678Z')
const later = new Date('2026-01-03T00:00:00Z')
const named = (...keys: (KeyName | undefined)[]): readonly KeyName[] => keys.filter((key) => key !== undefined)

const encrypt = async (
  source: string,
  format: FormatName,
  more: Partial<Parameters<typeof encryptNew>[1]> = {},
): Promise<string> =>
  Buffer.from(
    await encryptNew(Buffer.from(source), { format, services, groups: [named(ours)], threshold: 1, now, ...more }),
  ).toString()

const open = async (encrypted: string, format: FormatName, by = services): Promise<string> =>
  Buffer.from(plainBytes(await openDocument(Buffer.from(encrypted), { format, services: by }))).toString()

/** Lines that only one of two texts has. */
const changed = (before: string, after: string): readonly string[] => {
  const known = new Set(before.split('\n'))
  return after.split('\n').filter((line) => !known.has(line))
}

/** Each line means ten times as much as the one before. */
const bomb = [
  'a: &a [1,1,1,1,1,1,1,1,1,1]',
  ...'bcdef'.split('').map((key, index) => {
    const before = 'abcde'.charAt(index)
    return `${key}: &${key} [${Array.from({ length: 10 }, () => `*${before}`).join(',')}]`
  }),
].join('\n')

const yaml = `# what this is for
server:
  host: db.example.org   # inside

  # two spaces deep, and a blank line above
  password: 'hunter2'
  ports: [5432, 6432]
retries: 3
motd: |
  hello
  there
---
other:
- one
- two
`

describe('a YAML document', () => {
  test('keeps its layout: blank lines, indentation and comments stand where they stood', async () => {
    const encrypted = await encrypt(yaml, 'yaml')
    expect(encrypted.replaceAll(/ENC\[[^\]]*\]/g, 'X').split('sops:')[0]).toBe(
      "#X\nserver:\n  host: X   #X\n\n  #X\n  password: X\n  ports: ['X', 'X']\nretries: X\nmotd: X\n",
    )
    expect(await open(encrypted, 'yaml')).toBe(
      yaml.replace("'hunter2'", 'hunter2').replace('|\n  hello\n  there', '|\n    hello\n    there'),
    )
  })

  test('of which one value is edited changes in that value, `mac` and `lastmodified`', async () => {
    const encrypted = await encrypt(yaml, 'yaml')
    const document = await openDocument(Buffer.from(encrypted), { format: 'yaml', services })
    const edited = Buffer.from(Buffer.from(plainBytes(document)).toString().replace('hunter2', 'hunter3'))
    const again = Buffer.from(encryptAgain(document, readPlainDocument(edited, 'yaml'), later)).toString()
    const lines = new Set(changed(encrypted, again).map((line) => line.trim().split(':')[0]))
    expect(lines).toEqual(new Set(['password', 'lastmodified', 'mac']))
    expect(changed(encrypted, again)).toHaveLength(5) // the metadata stand in both documents
    expect(await open(again, 'yaml')).toContain('hunter3')
  })

  test.each([
    ['a list', '- a\n- b\n', 'unsupported'],
    ['a single value', 'text\n', 'unsupported'],
    ['a key that is a number', '1: a\n', 'unsupported'],
    ['a key twice', 'a: 1\na: 2\n', 'malformed'],
    ['no YAML', 'a: [1\n', 'malformed'],
    ['an alias of nothing', 'a: *b\n', 'malformed'],
    ['a key of SOPS', 'sops: 1\n', 'already-encrypted'],
    ['nothing', '', 'malformed'],
    ['too many meanings', bomb, 'too-large'],
  ])('that is %s is refused', async (_name, source, code) => {
    await expect(encrypt(source, 'yaml')).rejects.toMatchObject({ name: 'SopsError', code })
  })
})

test('a pattern that chance puts into an encrypted comment refuses no file, one that fits all does', async () => {
  const clear = (value: string) => ({ selector: { name: 'unencrypted_comment_regex', value } as const })
  await expect(encrypt('# c\na: 1\n', 'yaml', clear('ENC'))).rejects.toMatchObject({ code: 'bad-rule' })
  // one ciphertext of 64 fits
  const source = `${'# c\n'.repeat(400)}a: 1\n`
  expect(await open(await encrypt(source, 'yaml', clear('tag:A')), 'yaml')).toBe(source)
})

describe('JSON', () => {
  test('keeps integers that a float would round, encrypted and in clear', async () => {
    const source =
      '{\n\t"id": 9007199254740993,\n\t"id_unencrypted": -9223372036854775808,\n\t"ratio_unencrypted": 1.0\n}\n'
    expect(await open(await encrypt(source, 'json'), 'json')).toBe(source)
  })

  test.each([
    ['a list', '[]', 'unsupported'],
    ['a key twice', '{"a":1,"a":2}', 'malformed'],
    ['cut off', '{"a":', 'malformed'],
    ['more than one', '{} {}', 'malformed'],
    ['a comma too many', '{"a":1,}', 'malformed'],
    ['too deep', `{"a":${'['.repeat(2000)}${']'.repeat(2000)}}`, 'malformed'],
  ])('that is %s is refused', async (_name, source, code) => {
    await expect(encrypt(source, 'json')).rejects.toMatchObject({ name: 'SopsError', code })
  })
})

test.each([
  ['json', '{\n\t"a": "one",\n\t"b": {\n\t\t"c": "two",\n\t\t"n": 3\n\t}\n}\n', 'c'],
  ['dotenv', '# note\nA=one\nC=two\nD=\n', 'C'],
  ['ini', '[db]\n; note\na = one\nc = two\n\n[other]\na = three\n', 'c'],
] as const)(
  'of %s one value that is edited changes, `mac` and `lastmodified`, and no other line',
  async (format, source, name) => {
    const encrypted = await encrypt(source, format)
    const document = await openDocument(Buffer.from(encrypted), { format, services })
    const edited = Buffer.from(Buffer.from(plainBytes(document)).toString().replace('two', 'four'))
    const again = Buffer.from(encryptAgain(document, readPlainDocument(edited, format), later)).toString()
    const lines = changed(encrypted, again).map((line) => /^\s*"?(?:sops_)?(\w+)/.exec(line)?.[1])
    expect(lines.toSorted()).toEqual([name, 'lastmodified', 'mac'].toSorted())
    expect(await open(again, format)).toBe(edited.toString())
  },
)

describe('what somebody did to an encrypted document is found', () => {
  const source = 'a: one\nb: two\nlist:\n    - x\n    - y\nplain_unencrypted: seen\n'
  const lineOf = (text: string, key: string): string =>
    text.split('\n').find((line) => line.trim().startsWith(key)) ?? ''
  const withSwapped = (text: string, one: string, other: string): string =>
    text.replace(one, '\0').replace(other, one).replace('\0', other)

  test.each([
    [
      'a value is put in the place of another',
      (text: string) => text.replace(lineOf(text, 'b:'), lineOf(text, 'a:').replace('a:', 'b:')),
    ],
    ['a value in clear is changed', (text: string) => text.replace('seen', 'forged')],
    ['a value is taken away', (text: string) => text.replace(`${lineOf(text, 'b:')}\n`, '')],
    ['a value in clear is added', (text: string) => `more_unencrypted: x\n${text}`],
    [
      'items of a list change places',
      (text: string) => withSwapped(text, text.split('\n')[3] ?? '', text.split('\n')[4] ?? ''),
    ],
    ['the hash is taken away', (text: string) => text.replace(/^ {4}mac:.*\n/m, '')],
    ['the time is changed', (text: string) => text.replace('2026-01-02', '2026-01-01')],
    [
      'the hash is made to cover less',
      (text: string) => text.replace('    version:', '    mac_only_encrypted: true\n    version:'),
    ],
    ['a value is put in clear', (text: string) => text.replace(lineOf(text, 'b:'), 'b: two')],
  ])('%s', async (_name, forge) => {
    const encrypted = await encrypt(source, 'yaml')
    const forged = forge(encrypted)
    expect(forged).not.toBe(encrypted)
    await expect(open(forged, 'yaml')).rejects.toMatchObject({
      name: 'SopsError',
      code: expect.stringMatching(/tampered|malformed/),
    })
  })
})

// Windows PowerShell's `>` writes UTF-16, its editors a mark, and git CRLF: each was refused, or a forgery, without a
// cause
describe('what a machine with Windows made of an encrypted document is said', () => {
  const sources = { yaml: 'a: one\n', json: '{"a": "one"}', dotenv: 'a=one\n', ini: '[s]\na = one\n' } as const
  const opened = (bytes: Buffer, format: FormatName): Promise<string> =>
    openDocument(bytes, { format, services }).then((document) => Buffer.from(plainBytes(document)).toString())

  test.each(Object.entries(sources) as [keyof typeof sources, string][])('%s', async (format, source) => {
    const encrypted = await encrypt(source, format)
    const crlf = encrypted.replaceAll('\n', '\r\n')
    const utf16 = Buffer.from(`\ufeff${crlf}`, 'utf16le')
    const said = (message: RegExp) => ({ name: 'SopsError', code: 'encoding', message: expect.stringMatching(message) })
    for (const bytes of [utf16, Buffer.from(utf16).swap16()])
      await expect(opened(bytes, format)).rejects.toMatchObject(said(/UTF-16/))

    const marked = opened(Buffer.from(`\ufeff${encrypted}`), format)
    if (format === 'json' || format === 'dotenv') await expect(marked).rejects.toMatchObject(said(/byte order mark/))
    else expect(await marked).toContain('one')

    const ended = opened(Buffer.from(crlf), format)
    if (format === 'dotenv') await expect(ended).rejects.toMatchObject(said(/CRLF/))
    else expect(await ended).toContain('one')
  })

  test('a mark that stood there before a file was encrypted is part of it', async () => {
    expect(await open(await encrypt('\ufeffa=one\n', 'dotenv'), 'dotenv')).toBe('\ufeffa=one\n')
  })
})

describe('keys', () => {
  test('a document opens for each of its recipients, and says for whom it is where none is at hand', async () => {
    const encrypted = await encrypt('a: 1\n', 'yaml', { groups: [named(ours, theirs)] })
    expect([await open(encrypted, 'yaml'), await open(encrypted, 'yaml', theirServices)]).toEqual(['a: 1\n', 'a: 1\n'])
    const alone = await encrypt('a: 1\n', 'yaml')
    await expect(open(alone, 'yaml', theirServices)).rejects.toMatchObject({
      code: 'no-key',
      message: expect.stringContaining('age1'),
    })
  })

  test('of two groups it takes as many as the threshold says', async () => {
    const encrypted = await encrypt('a: 1\n', 'yaml', { groups: [named(ours), named(theirs)], threshold: 2 })
    await expect(open(encrypted, 'yaml')).rejects.toMatchObject({ code: 'no-key' })
    const both = [
      {
        type: 'age',
        wrap: services[0]?.wrap,
        unwrap: async (stanza) => (await services[0]?.unwrap(stanza)) ?? theirServices[0]?.unwrap(stanza) ?? null,
      } as KeyService,
    ]
    expect(await open(encrypted, 'yaml', both)).toBe('a: 1\n')
  })

  test('a post-quantum recipient works as well', async () => {
    const identity = await generateHybridIdentity()
    const groups = [ageRecipients(await identityToRecipient(identity))]
    expect(await open(await encrypt('a: 1\n', 'yaml', { groups }), 'yaml', [ageKeys([secret(identity)])])).toBe(
      'a: 1\n',
    )
  })

  test('a recipient who goes opens nothing that is written afterwards', async () => {
    const encrypted = await encrypt('a: 1\n', 'yaml', { groups: [named(ours, theirs)] })
    const document = await openDocument(Buffer.from(encrypted), { format: 'yaml', services })
    const without = Buffer.from(
      await encryptUnderNewKey(document, { keys: { groups: [named(ours)], threshold: 1 }, services, now: later }),
    ).toString()
    await expect(open(without, 'yaml', theirServices)).rejects.toMatchObject({ code: 'no-key' })
    expect(await open(without, 'yaml')).toBe('a: 1\n')
    expect(without.split('\n')[0]).not.toBe(encrypted.split('\n')[0])
  })

  test('a recipient who comes changes the keys and nothing else', async () => {
    const encrypted = await encrypt('a: 1\n', 'yaml')
    const document = await openDocument(Buffer.from(encrypted), { format: 'yaml', services })
    const more = Buffer.from(
      await wrapForKeys(document, { keys: { groups: [named(ours, theirs)], threshold: 1 }, services }),
    ).toString()
    expect(await open(more, 'yaml', theirServices)).toBe('a: 1\n')
    expect(more.split('\n')[0]).toBe(encrypted.split('\n')[0])
    expect(metadataOf(Buffer.from(more), 'yaml').mac).toBe(metadataOf(Buffer.from(encrypted), 'yaml').mac)
  })

  /** Threat E8: the name of a plugin is a program to run. */
  test.each([
    'age1yubikey1qwt50d05nh5vutpdzmlg5wn80xq5negm4uj9ghv0snvdd3yysf5yw3rhl3t',
    'age1../../bin/sh1qqqq',
    'age1a/b1qqq',
    'ssh-ed25519 AAAA',
    'age1',
    'AGE-SECRET-KEY-1',
    'age1qqq\nage1qqq',
  ])('the recipient %o is refused', (recipient) => {
    expect(() => ageRecipients(recipient)).toThrow(expect.objectContaining({ code: 'bad-recipient' }))
  })

  test.each(['AGE-PLUGIN-YUBIKEY-1QQQQ', '/etc/passwd', 'AGE-SECRET-KEY-1qqq'])(
    'the identity %o is refused, and not repeated',
    (identity) => {
      expect(() => ageIdentities(identity)).toThrow(
        expect.objectContaining({ code: 'bad-recipient', message: expect.not.stringContaining(identity) }),
      )
    },
  )
})

// the public bug reports getsops/sops#933, #1177 and #1402: a bech32 error told nobody what they had given
test.each([
  ['-----BEGIN AGE ENCRYPTED FILE-----\nYWdl', 'age --decrypt'],
  ['age1a9w7w3dur2ng2e5qspxsquz254saz0fudkdeayzy3x4nrfd7u4csg6c3d5', 'recipient, which is public'],
  ['-----BEGIN OPENSSH PRIVATE KEY-----\nb3Blb', 'SSH key'],
  ['AGE-PLUGIN-YUBIKEY-1QQQ', 'would run a program'],
  ['/home/ada/keys.txt', 'SOPS_AGE_KEY_FILE'],
  ['AGE-SECRET-KEY-1HUNTER', 'no native identity'],
])('what people take for an age key is said to be what it is, and not shown: %s', (given, said) => {
  const read = () => ageIdentities(`# a comment\n${given}\n`)
  expect(read).toThrow(said)
  expect(read).not.toThrow(given.split('\n')[0])
})

test('what another version put into the metadata is there after an edit', async () => {
  const encrypted = (await encrypt('a: 1\n', 'yaml')).replace(
    '    lastmodified:',
    '    new_kms:\n        - id: x\n          enc: y\n    future: {deep: [1]}\n    lastmodified:',
  )
  const document = await openDocument(Buffer.from(encrypted), { format: 'yaml', services })
  const again = Buffer.from(encryptAgain(document, readPlainDocument(Buffer.from('a: 2\n'), 'yaml'), later)).toString()
  expect(again).toContain(
    '    new_kms:\n        - id: x\n          enc: "y"\n    future:\n        deep:\n            - 1\n',
  )
})

test('metadata that stand there twice are the last ones; none at all are refused by name', async () => {
  const dotenv = await encrypt('A=1\n', 'dotenv')
  const doubled = dotenv.replace(/^sops_version=.*$/m, '$&\n$&')
  expect(doubled).not.toBe(dotenv)
  expect(await open(doubled, 'dotenv')).toBe('A=1\n')
  await expect(open(dotenv.replace(/^(sops_mac)=/m, '$1__map_a=x\n$1='), 'dotenv')).rejects.toMatchObject({
    code: 'malformed',
  })
  const ini = await encrypt('[a]\nb = 1\n', 'ini')
  await expect(open(ini.replace('[sops]', '[sops]\n[sops]'), 'ini')).rejects.toMatchObject({ code: 'malformed' })
})
