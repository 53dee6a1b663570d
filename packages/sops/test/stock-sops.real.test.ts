import { CreateKeyCommand, KMSClient } from '@aws-sdk/client-kms'
import { motoFacts, testSeed, volume } from '@gatehouse/testkit'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import {
  ageIdentities,
  ageKeys,
  awsKeys,
  encryptAgain,
  encryptNew,
  openDocument,
  plainBytes,
  readPlainDocument,
  ruleFor,
  type FormatName,
  type KeyService,
} from '../src/index.ts'
import { commentedAnywhere, documents, ruleFile, rules, type MadeKeys, type MadeRule } from './generated-documents.ts'
import { startStockSops, type StockSops } from './stock-sops.ts'

let stock: StockSops
let services: readonly KeyService[]
let keys: MadeKeys
beforeAll(async () => {
  const { endpoint } = await motoFacts()
  const aws = {
    AWS_ENDPOINT_URL: endpoint,
    AWS_ACCESS_KEY_ID: 'AKIDTEST',
    AWS_SECRET_ACCESS_KEY: 'secret',
    AWS_EC2_METADATA_DISABLED: 'true',
  }
  for (const [name, value] of Object.entries({ ...aws, AWS_PROFILE: undefined })) vi.stubEnv(name, value)
  const client = new KMSClient({ region: 'eu-north-1', endpoint })
  const made = await Promise.all([1, 2].map(() => client.send(new CreateKeyCommand({}))))
  stock = await startStockSops({ env: aws })
  keys = { recipients: stock.recipients, arns: made.map(({ KeyMetadata: key }) => key?.Arn ?? '') }
  services = [ageKeys(ageIdentities(stock.identities.join('\n'))), awsKeys(() => now)]
})
afterAll(async () => {
  vi.unstubAllEnvs()
  await stock.close()
})

const plainRule: MadeRule = { selector: {}, macOnlyEncrypted: false, groups: [1], threshold: 1, isAws: false }

const now = new Date('2026-01-02T03:04:05Z')

const encryptOurs = (source: Uint8Array, format: FormatName, rule: MadeRule) =>
  encryptNew(source, { format, services, ...ruleFor(ruleFile(rule, keys), 'file'), now })

const open = async (bytes: Uint8Array, format: FormatName): Promise<Buffer> =>
  Buffer.from(plainBytes(await openDocument(bytes, { format, services })))

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1')

const formatNames = ['yaml', 'json', 'dotenv', 'ini', 'binary'] as const

/** What stock sops writes, and reads of it; null where it does not read what it wrote, or refuses. */
const stockOf = async (source: Uint8Array, format: FormatName, rule: MadeRule) => {
  const theirs = await stock.encrypt(source, format, ruleFile(rule, keys))
  const plain = theirs === null ? null : await stock.decrypt(theirs, format).catch(() => null)
  return theirs === null || plain === null ? null : { theirs, plain }
}

/** What both programs make of a source; null where the stock one does not read what it wrote, or refuses. */
const bothOf = async (source: Uint8Array, format: FormatName, rule: MadeRule) => {
  const stocks = await stockOf(source, format, rule)
  if (stocks === null) return null
  const ours = await stock.decrypt(await encryptOurs(source, format, rule), format)
  const both = { plain: text(stocks.plain), theirs: text(await open(stocks.theirs, format)), ours: text(ours) }
  // in lists, stock sops reads a text in clear that begins with a space otherwise than it wrote it; it finds that
  // itself, but not where its hash leaves out what is in clear
  const isAsked = rule.macOnlyEncrypted && format === 'yaml' && both.theirs !== both.plain
  return isAsked && (await stockOf(source, format, { ...rule, macOnlyEncrypted: false })) === null ? null : both
}

describe.each(formatNames)('%s', (format) => {
  test('what stock sops writes we read byte for byte as it does, and what we write it reads as its own', async () => {
    let refused = 0
    const numRuns = volume({ full: 500, sample: 7 })
    const property = fc.asyncProperty(documents[format], rules, async (source, rule) => {
      const both = await bothOf(source, format, rule)
      if (both === null) refused += 1
      else expect([both.theirs, both.ours]).toEqual([both.plain, both.plain])
    })
    await fc.assert(property, { numRuns, seed: testSeed(), endOnFailure: true })
    expect(refused).toBeLessThan(numRuns / 2)
  })
})

test.each([
  ['below `---`, its lines ended by CRLF', 'a: 1\r\n---\r\n# c\r\nb: 1\r\n', 'a: 1\n# c\n---\nb: 1\n'],
  ['below `---`, the second with CRLF', 'a: 1\r\n---\r\n# c\r\n# d\r\nb: 1\r\n', 'a: 1\n# c\n---\n# d\nb: 1\n'],
  ['below `---`, a blank line behind it', 'a: 1\n---\n# c\n# d\n\nb: 1\n', 'a: 1\n# c\n# d\n---\nb: 1\n'],
  ['below `---`, a blank line above it', 'a: 1\n---\n\n# c\n\nb: 1\n', 'a: 1\n---\n# c\nb: 1\n'],
  ['below `---`, none of it blank', 'a: 1\n---\n# c\nb: 1\n', 'a: 1\n---\n# c\nb: 1\n'],
  ['below `---` after `...`', 'a: 1\n...\n---\n# c\n\nb: 1\n', 'a: 1\n---\nb: 1\n# c\n'],
  ['below `---` at the beginning', '---\n# c\n\nb: 1\n', '# c\nb: 1\n'],
  ['behind `---`', 'a: 1\r\n--- # c\r\nb: 1\r\n', 'a: 1\n---\n# c\nb: 1\n'],
  ['behind the first value of three lists', 'a:\n- - - 1 # c\n    - 2\n', 'a:\n    - # c\n      - - 1\n        - 2\n'],
  ['behind the dash of a list', 'a:\n- # c\n  - 1\n', 'a:\n    # c\n    - - 1\n'],
  ['behind the dash of a list in a list', 'a:\n- - # c\n    - 1\n', 'a:\n    - # c\n      - - 1\n'],
  ['behind the dash of a map', 'a:\n- - # c\n    b: 1\n', 'a:\n    # c\n    - - b: 1\n'],
  ['behind the dash of a value', 'a:\n- - # c\n    1\n', 'a:\n    # c\n    - - 1\n'],
  ['below a value, its lines ended by CRLF', 'a:\r\n  b: 1\r\n# c\r\nd: 1\r\n', 'a:\n    b: 1\n# c\nd: 1\n'],
])('a comment %s stands where stock sops has it', async (_name, source, right) => {
  expect(await bothOf(Buffer.from(source), 'yaml', plainRule)).toEqual({ plain: right, theirs: right, ours: right })
})

// the public bug reports getsops/sops#1068 and #811 have such documents
test.each([
  ['shallower than all above it, at the end', 'this:\n  is:\n    an: example\n  # c\n'],
  ['shallower than all above it, deeper than what follows', 'a:\n  b:\n    - x\n  # c\nd: 1\n'],
  ['at no column of anything', 'a:\n  b:\n    c: 1\n   # c\nd: 1\n'],
  ['shallower than what follows', 'a:\n  b:\n    c: 1\n# c\n  d: 1\n'],
  ['below another, at no column of anything', 'a:\n  b:\n    c: 1\n    # c\n   # d\ne: 1\n'],
  ['that a blank line ends, at no column of anything', 'a:\n  b:\n    c: 1\n   # c\n\nd: 1\n'],
  ['behind a list in a flow', 'root:\n  - a: [ "one" ]\n  # c\n  - c: \n    - one\n  # d\n  - d: 3\n'],
])('a comment %s is opened by stock sops in what we wrote, and by us in what it wrote', async (_name, source) => {
  const theirs = await stock.encrypt(Buffer.from(source), 'yaml', ruleFile(plainRule, keys))
  const ours = await encryptOurs(Buffer.from(source), 'yaml', plainRule)
  const read = [text(await stock.decrypt(ours, 'yaml')), text(await open(theirs ?? ours, 'yaml'))]
  expect(theirs).not.toBeNull()
  expect(read.filter((one) => one.includes('ENC['))).toEqual([])
})

test('YAML with comments wherever they can stand: all values are read, and no comment stays encrypted', async () => {
  const byKeys = rules.filter(({ selector }) => !Object.keys(selector).some((name) => name.includes('comment')))
  const property = fc.asyncProperty(commentedAnywhere, byKeys, async (source, rule) => {
    const both = await bothOf(source, 'yaml', rule)
    if (both === null) return
    const [plain, theirs, ours] = [both.plain, both.theirs, both.ours].map((one) => one.replaceAll(/^ *#.*\n/gm, ''))
    expect([theirs, ours]).toEqual([plain, plain])
    expect(both.ours).not.toMatch(/#ENC\[.*type:comment/)
  })
  await fc.assert(property, { numRuns: volume({ full: 500, sample: 6 }), seed: testSeed(), endOnFailure: true })
})

test('an edit of one value changes that value, `mac` and `lastmodified`, and stock sops reads it', async () => {
  const source = 'a: one\nb:\n    # note\n    - x\n    - y: two\n      z: 3\nc_unencrypted: seen\n'
  const theirs = await stock.encrypt(Buffer.from(source), 'yaml', ruleFile(plainRule, keys))
  const document = await openDocument(theirs ?? new Uint8Array(), { format: 'yaml', services })
  const edited = Buffer.from(text(plainBytes(document)).replace('two', 'four'))
  const again = encryptAgain(document, readPlainDocument(edited, 'yaml'), now)
  const known = new Set(text(theirs ?? new Uint8Array()).split('\n'))
  const lines = text(again)
    .split('\n')
    .filter((line) => !known.has(line))
  expect(lines.map((line) => line.trim().split(':')[0])).toEqual(['- "y"', 'lastmodified', 'mac'])
  expect(text(await stock.decrypt(again, 'yaml'))).toBe(text(edited))
})

test('stock sops edits what we wrote as its own: one value, `mac` and `lastmodified`', async () => {
  const ours = await encryptOurs(Buffer.from('a: one\nb: two\nc: 3\n'), 'yaml', plainRule)
  const again = await stock.change(ours, 'yaml', ['set', '["b"]', '"four"'])
  const known = new Set(text(ours).split('\n'))
  const lines = text(again)
    .split('\n')
    .filter((line) => !known.has(line))
  expect(lines.map((line) => line.trim().split(':')[0])).toEqual(['b', 'lastmodified', 'mac'])
  expect(text(await open(again, 'yaml'))).toBe('a: one\nb: four\nc: 3\n')
})

test('integers of JSON that stock sops would round are read by it exactly when we encrypted them', async () => {
  const source = '{\n\t"id": 9007199254740993,\n\t"low": -9223372036854775808\n}\n'
  expect(text(await stock.decrypt(await encryptOurs(Buffer.from(source), 'json', plainRule), 'json'))).toBe(source)
})
