import fc from 'fast-check'
import { Document, isCollection, isNode, isScalar, Scalar, stringify, visit, type Node } from 'yaml'
import type { FormatName } from '../src/formats/format.ts'

// Documents as people write them, and as nobody does.

const awkward = [
  'yes',
  'NO',
  'null',
  '~',
  '1.0',
  '0777',
  '0x1F',
  '1_000',
  '2001-12-14',
  '12:30:45',
  '<<',
  '- a',
  'a: b',
  '# c',
  ' lead',
  'trail ',
  "it's",
  '"q"',
  '\t',
  'a\nb',
  'a\n\n',
  '\n',
  ' a\n b\n',
  'x \ny',
  '[1]',
  '{a}',
  '*a',
  '&a',
  '!t',
  '%d',
  '@x',
  '`b`',
  '=',
  '...',
  '---',
  'ENC[AES256_GCM,data:x]',
  '😀',
  'ü\u00a0ß',
  '\u001b[1m',
  '\u007f',
  'a\rb',
  'a,b',
  'k:v',
  'h #c',
  '-',
  '?',
  ':',
  '\\n',
  'C:\\dir',
]

const someText = fc.oneof(
  { weight: 4, arbitrary: fc.string({ maxLength: 20 }) },
  { weight: 2, arbitrary: fc.string({ unit: 'binary', maxLength: 12 }).filter(isWritable) },
  { weight: 3, arbitrary: fc.constantFrom(...awkward) },
  { weight: 1, arbitrary: fc.constant('') },
  { weight: 1, arbitrary: fc.string({ minLength: 200, maxLength: 300 }) },
)

/** YAML has no way to write some characters as they are, and its two libraries part at line separators. */
function isWritable(text: string): boolean {
  return text.isWellFormed() && !/[\u0085\u2028\u2029\ufeff\ufffe\uffff]/.test(text)
}

const suffixes = ['', '_unencrypted', '_secret', '']
const keyText = fc
  .tuple(
    fc.oneof(
      fc.stringMatching(/^[a-z][a-z0-9_.-]{0,8}$/),
      fc.constantFrom('password', 'y', 'on', 'ключ', 'two words', 'PASS'),
    ),
    fc.constantFrom(...suffixes),
  )
  .map(([name, suffix]) => name + suffix)
  .filter((key) => key !== 'sops' && key !== '__proto__')

const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })
const float = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.constantFrom(0.5, -0, 1e21, 1e-7, 1234567, 123456789.125, 5e-324, 1.7976931348623157e308, 2.5),
)
const yamlNumber = fc.oneof(int64, fc.integer(), float, fc.constantFrom(Number.POSITIVE_INFINITY))
const timestamp = fc.date({ min: new Date('1000-01-01'), max: new Date('2999-12-31'), noInvalidDate: true })

type Made = unknown

const tree = (leaf: fc.Arbitrary<Made>): fc.Arbitrary<Record<string, Made>> =>
  fc.letrec<{ node: Made; map: Record<string, Made> }>((tie) => ({
    node: fc.oneof(
      { maxDepth: 3, depthSize: 'small' },
      { weight: 5, arbitrary: leaf },
      { weight: 1, arbitrary: fc.array(tie('node'), { maxLength: 4 }) },
      { weight: 2, arbitrary: tie('map') },
    ),
    map: fc.dictionary(keyText, tie('node'), { minKeys: 1, maxKeys: 5, noNullPrototype: true }),
  })).map

const leafOf = (numbers: fc.Arbitrary<Made>): fc.Arbitrary<Made> =>
  fc.oneof(
    { weight: 5, arbitrary: someText },
    { weight: 3, arbitrary: numbers },
    { weight: 1, arbitrary: fc.boolean() },
    { weight: 1, arbitrary: fc.constant(null) },
    { weight: 1, arbitrary: fc.array(fc.integer(), { minLength: 40, maxLength: 60 }) },
  )

const comment = fc.constantFrom(' note', ' encrypt', ' two words', 'x', ' ключ', ' a: 1')

/** Where comments stand: above keys and behind values as people write them, or wherever a parser allows. */
type Commenting = 'usual' | 'anywhere'

/** One YAML document in some style: blocks and flows, all quotings, comments. */
const yamlDocument = (commenting: Commenting) =>
  fc
    .tuple(
      tree(fc.oneof(leafOf(yamlNumber), timestamp)),
      fc.infiniteStream(fc.tuple(fc.nat(99), comment)),
      fc.constantFrom(2, 4),
    )
    .map(([value, dice, indent]) => {
      const document = new Document(value, { customTags: ['timestamp'] })
      visit(document, {
        Pair: (_key, { key, value: inner }) => {
          const [die, text] = dice.next().value as [number, string] // it never ends
          if (isNode(key) && die < 12) key.commentBefore = text
          if (isScalar(inner) && die > 88) inner.comment = text
        },
        Node: (_key, node) => {
          const [die, text] = dice.next().value as [number, string] // as above
          // stock SOPS loses the comments of what is empty
          if (isCollection(node) && node.items.length === 0) return
          if (commenting === 'anywhere' && node !== document.contents && die < 12) node.commentBefore = text
          if (commenting === 'anywhere' && isScalar(node) && die > 90) node.comment = text
          if (isCollection(node) && node !== document.contents && die % 16 === 0) node.flow = true
          if (isScalar(node) && typeof node.value === 'string') node.type = styleOf(node.value, die)
        },
      })
      visit(document, { Collection: (_key, node) => (node.flow === true ? withoutComments(node) : undefined) })
      return document.toString({ indent, lineWidth: 0 })
    })

const styleOf = (text: string, die: number): Scalar.Type | undefined => {
  if (text.includes('\n') && die % 3 === 1) return Scalar.BLOCK_LITERAL
  if (die % 4 === 2) return Scalar.QUOTE_SINGLE
  return die % 4 === 3 ? Scalar.QUOTE_DOUBLE : undefined
}

/** Stock SOPS loses some of the comments of a flow. */
const withoutComments = (flow: Node): undefined =>
  visit(flow, {
    Node: (_key, node) => {
      if (node !== flow) [node.comment, node.commentBefore] = [null, null]
    },
  }) as undefined

const yaml = (commenting: Commenting): fc.Arbitrary<Uint8Array> =>
  fc.tuple(fc.array(yamlDocument(commenting), { minLength: 1, maxLength: 2 }), fc.nat(9)).map(([made, die]) => {
    const source = made.join('---\n')
    return Buffer.from(die === 0 ? source.replaceAll('\n', '\r\n') : source)
  })

/** YAML in which stock SOPS moves comments about, and loses some. */
export const commentedAnywhere = yaml('anywhere')

/** Stock SOPS of this version rounds larger integers in JSON; a test of its own shows that ours do not suffer. */
const jsonNumber = fc.oneof(
  fc.maxSafeInteger(),
  float.filter((value) => !Object.is(value, -0)),
)
const json = fc
  .tuple(tree(leafOf(jsonNumber)), fc.constantFrom(0, 2, '\t'))
  .map(([value, indent]) => JSON.stringify(value, null, indent))

const envName = fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_]{0,10}$/).filter((name) => !name.startsWith('sops_'))
const envLine = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .tuple(
        fc.tuple(envName, fc.constantFrom(...suffixes)).map((parts) => parts.join('')),
        someText,
      )
      .map(([name, text]) => `${name}=${text.replaceAll('\n', '\\n')}`),
  },
  { weight: 1, arbitrary: comment.map((text) => `#${text}`) },
  { weight: 1, arbitrary: fc.constant('') },
)
const dotenv = fc
  .tuple(fc.array(envLine, { minLength: 1, maxLength: 12 }), fc.nat(9))
  .map(([lines, die]) => lines.join(die === 0 ? '\r\n' : '\n') + (die > 4 ? '\n' : ''))

const iniText = fc.oneof(
  fc.stringMatching(/^[ -~]{0,20}$/),
  fc.constantFrom('a b', "'q'", '"q"', '`a;b`', 'x # c', 'x ; c', '"""m"""', '%(a)s', 'ü', '', '  s  ', 'a\\'),
)
const iniLine = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .tuple(
        fc.tuple(envName, fc.constantFrom(...suffixes)).map((parts) => parts.join('')),
        iniText,
        fc.constantFrom('=', ' = ', ': '),
      )
      .map(([name, text, sign]) => name + sign + text),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.constantFrom('; ', '# ', ';'), fc.constantFrom('note', 'two words'))
      .map((parts) => parts.join('')),
  },
  { weight: 1, arbitrary: fc.constant('') },
  {
    weight: 2,
    arbitrary: fc
      .stringMatching(/^[a-z][a-z ._-]{0,8}$/)
      .filter((name) => name !== 'sops')
      .map((name) => `[${name.trim()}]`),
  },
)
const ini = fc.array(iniLine, { minLength: 1, maxLength: 14 }).map((lines) => `[first]\n${lines.join('\n')}\n`)

const binary = fc.oneof(
  fc.uint8Array({ maxLength: 300 }),
  fc.string({ unit: 'grapheme', maxLength: 200 }).map((text) => Buffer.from(text.toWellFormed())),
)

/** Sources of each format. */
export const documents: Readonly<Record<FormatName, fc.Arbitrary<Uint8Array>>> = {
  yaml: yaml('usual'),
  json: json.map((text) => Buffer.from(text)),
  dotenv: dotenv.map((text) => Buffer.from(text)),
  ini: ini.map((text) => Buffer.from(text)),
  binary,
}

/** Which values are encrypted, and for whom, as a rule of `.sops.yaml` says it. */
export interface MadeRule {
  readonly selector: Readonly<Record<string, string>>
  readonly macOnlyEncrypted: boolean
  /** How many groups of how many keys. */
  readonly groups: readonly number[]
  readonly threshold: number
  /** Whether the first key of every other group is one of AWS KMS. */
  readonly isAws: boolean
}

/** The keys that there are. */
export interface MadeKeys {
  readonly recipients: readonly string[]
  readonly arns: readonly string[]
}

const selector = fc.constantFrom<Readonly<Record<string, string>>>(
  {},
  {},
  { unencrypted_suffix: '_unencrypted' },
  { encrypted_suffix: '_secret' },
  { unencrypted_regex: '^(?:y|on)|_' },
  { encrypted_regex: '(?i)^pass' },
  { unencrypted_comment_regex: 'note' },
  { encrypted_comment_regex: 'encrypt' },
)

export const rules: fc.Arbitrary<MadeRule> = fc
  .tuple(selector, fc.boolean(), fc.constantFrom([1], [2], [1, 1], [1, 2, 1]), fc.nat(1), fc.boolean())
  .map(([chosen, macOnlyEncrypted, groups, lower, isAws]) => ({
    selector: chosen,
    macOnlyEncrypted,
    groups,
    threshold: Math.max(groups.length > 1 ? 2 : 1, groups.length - lower),
    isAws,
  }))

/** The rule as `.sops.yaml` has it. */
export const ruleFile = (
  { selector: chosen, macOnlyEncrypted, groups, threshold, isAws }: MadeRule,
  { recipients, arns }: MadeKeys,
): string => {
  const rule = { ...chosen, ...(macOnlyEncrypted ? { mac_only_encrypted: true } : {}) }
  const keys = groups.map((count, group) => {
    const hasAws = isAws && group % 2 === 0
    const ages = Array.from(
      { length: hasAws ? count - 1 : count },
      (_, index) => recipients[(group + index) % recipients.length],
    )
    const context = group === 0 ? { Tier: 'a b:c', app: 'wéb' } : {}
    return { ...(hasAws ? { kms: [{ arn: arns[group % arns.length], context }] } : {}), age: ages }
  })
  const named =
    groups.length === 1 && !isAws ? { age: keys[0]?.age.join(',') } : { key_groups: keys, shamir_threshold: threshold }
  return stringify({ creation_rules: [{ ...rule, ...named }] })
}
