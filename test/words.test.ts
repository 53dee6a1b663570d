import { execFileSync } from 'node:child_process'
import { readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseAst } from 'rolldown/parseAst'
import { describe, expect, it } from 'vitest'

/**
 * One way of saying things that people do not meet elsewhere, and what the field says instead. `whole`: only where it
 * is all of a text, as of a button or a heading; inside a sentence the words may mean something else.
 */
interface Rule {
  readonly not: RegExp
  readonly but: string
  readonly sample: string
  readonly fine?: string
}

const whole = (words: string): RegExp => new RegExp(`^\\W*(?:${words})\\W*$`, 'i')

const rules: readonly Rule[] = [
  { not: /\b(?:the|audit|whole) record\b/i, but: 'audit log', sample: 'Is the record whole?', fine: 'the DNS record' },
  { not: /\blook again\b/i, but: 'Refresh, or check again', sample: 'Look again' },
  { not: /^\W*Look(?: at (?:it|them))?\W*$/, but: 'View', sample: 'Look at them', fine: 'Look at them in the log' },
  { not: /\bread the files again\b/i, but: 'Reload policies', sample: 'Read the files again' },
  { not: /\bwants somebody\b/i, but: 'Needs attention', sample: 'Wants somebody' },
  { not: whole('at rest'), but: 'No action needed', sample: 'At rest', fine: 'sealed at rest' },
  { not: /\bnothing needs you\b/i, but: 'No action needed', sample: 'Nothing needs you' },
  { not: /\bgo to or do\b/i, but: 'Search or run a command', sample: 'Go to or do …' },
  { not: /\balive now\b/i, but: 'active credentials', sample: 'credentials alive now' },
  { not: /\bparts of this gatehouse\b/i, but: 'System health', sample: 'Parts of this Gatehouse' },
  { not: /\bshut(?:s|ting)? out\b/i, but: 'disable access', sample: 'shuts a person out, who is shut out' },
  { not: /\blets? (?:them |you )?(?:back )?in again\b/i, but: 'Enable access', sample: 'Let in again' },
  { not: whole('elsewhere'), but: 'Related', sample: 'Elsewhere', fine: 'it still works elsewhere' },
  { not: whole('put back'), but: 'Discard changes', sample: 'Put back', fine: 'everything is put back as it was' },
  { not: /\bmake ten\b/i, but: 'Generate codes', sample: 'Make ten' },
  { not: whole('this is needed'), but: 'Required', sample: 'This is needed' },
  { not: /\byou may not\b/i, but: "You don't have permission to …", sample: 'You may not end a lease now' },
  { not: /\blet a device in\b/i, but: 'Authorize device', sample: 'Let a device in' },
  { not: /\bsa(?:y|ys|id) (?:yes|no)\b|'s yes\b/i, but: 'approve, deny', sample: "ada said yes, with bob's yes" },
  { not: /\b(?:he|him|his|himself|she|hers?|herself)\b/i, but: 'they', sample: 'Who is disabled loses his leases' },
  {
    not: /\binvalid input\b|\btoo (?:big|small): expected\b/i,
    but: 'what would be right, field by field',
    sample: 'Too big: expected number to be <=65535',
  },
]

/** A text that people read, and where it stands. */
interface Text {
  readonly place: string
  readonly text: string
}

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const filesOf = (...patterns: readonly string[]): readonly string[] =>
  execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', ...patterns], {
    cwd: root,
    encoding: 'utf8',
  })
    .split('\n')
    .filter((path) => path !== '' && statSync(join(root, path), { throwIfNoEntry: false }) !== undefined)

const notShown = /\.test(-d)?\.tsx?$|\/test\/|\/testdata\/|\/generated|^packages\/testkit\//
const programs = filesOf('apps/*.ts', 'apps/*.tsx', 'packages/*.ts', 'temporal/*.ts', 'scripts/*.ts').filter(
  (path) => !notShown.test(path),
)
const prose = filesOf('*.md', 'docs/*.md').filter((path) => !notShown.test(path))
const policies = filesOf('policies/*.cedar')

/** Texts of a program: what stands in quotes, in templates and between tags. Comments are not among them. */
const textsOfProgram = (path: string, source: string): readonly Text[] => {
  const found: Text[] = []
  const visit = (node: unknown): void => {
    if (Array.isArray(node)) return node.forEach(visit)
    if (typeof node !== 'object' || node === null) return
    const text = textOf(node)
    if (text !== null)
      found.push({ place: `${path}:${source.slice(0, Number(Reflect.get(node, 'start'))).split('\n').length}`, text })
    for (const part of Object.values(node)) visit(part)
  }
  visit(parseAst(source, { lang: path.endsWith('x') ? 'tsx' : 'ts' }, path))
  return found
}

const textOf = (node: object): string | null => {
  const { type, value } = node as { type?: unknown; value?: unknown } // what is no node has neither
  if ((type === 'Literal' || type === 'JSXText') && typeof value === 'string') return value
  if (type !== 'TemplateElement' || typeof value !== 'object' || value === null) return null
  return String(Reflect.get(value, 'cooked'))
}

/** Lines of a document; of policies, what stands before comments. */
const textsOfLines = (path: string, source: string): readonly Text[] =>
  source
    .split('\n')
    .map((line, at) => ({
      place: `${path}:${at + 1}`,
      text: path.endsWith('.cedar') ? line.replace(/\/\/.*$/, '') : line,
    }))

const wrongIn = (texts: readonly Text[]): readonly string[] =>
  texts.flatMap(({ place, text }) =>
    rules
      .filter(({ not }) => not.test(text))
      .map(({ not, but }) => `${place}: \`${not.exec(text)?.[0].trim()}\`, say: ${but}`),
  )

const read = (path: string): string => readFileSync(join(root, path), 'utf8')

describe('the words that people read', () => {
  it('are the plain ones of the field in programs', () => {
    expect(programs.flatMap((path) => wrongIn(textsOfProgram(path, read(path))))).toEqual([])
  })

  it('are the plain ones of the field in documents and policies', () => {
    expect([...prose, ...policies].flatMap((path) => wrongIn(textsOfLines(path, read(path))))).toEqual([])
  })
})

describe('the list itself', () => {
  it.for(rules)('finds `$sample`', ({ not, sample, fine }) => {
    expect(sample).toMatch(not)
    if (fine !== undefined) expect(fine).not.toMatch(not)
  })

  it('is looked for in quotes, templates and between tags, with the line, and not in comments', () => {
    const page = [
      '// the record of a comment',
      "const heading = 'Is the record whole?'",
      'const line = `${count} entries of the record`',
      'const page = <h1 title="Look again">Nothing needs you</h1>',
    ].join('\n')
    expect(wrongIn(textsOfProgram('page.tsx', page))).toEqual([
      'page.tsx:2: `the record`, say: audit log',
      'page.tsx:3: `the record`, say: audit log',
      'page.tsx:4: `Look again`, say: Refresh, or check again',
      'page.tsx:4: `Nothing needs you`, say: No action needed',
    ])
    expect(wrongIn(textsOfLines('guide.md', 'A person\nand his leases'))).toEqual(['guide.md:2: `his`, say: they'])
  })

  it('reaches what there is', () => {
    expect(programs).toEqual(expect.arrayContaining(['packages/contract/src/refusal.ts', 'packages/cli/src/help.ts']))
    expect(programs.some((path) => path.startsWith('apps/web/src/') && path.endsWith('.tsx'))).toBe(true)
    expect(programs.some((path) => path.startsWith('apps/gateway/src/'))).toBe(true)
    expect(prose).toEqual(expect.arrayContaining(['README.md', 'CHANGELOG.md', 'docs/guides/run-it.md']))
  })
})
