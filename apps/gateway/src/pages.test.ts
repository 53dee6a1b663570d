// The reference page says what is true: every example on it is taken from it and tried as a reader would.
import { execFileSync } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { checkInput, operations, publicOperationNames, refusals } from '@gatehouse/contract'
import { parse, validate } from 'graphql'
import { beforeAll, describe, expect, test } from 'vitest'
import { examplesIn, type PageExample } from '../test/page-examples.ts'
import { readPages } from './pages.ts'
import { buildSchema } from './transports/graphql-schema.ts'

const root = resolve(import.meta.dirname, '../../..')
const directory = join(root, 'apps/gateway/pages')

let page: string
let examples: readonly PageExample[]
beforeAll(async () => {
  page = await readFile(join(directory, 'reference.html'), 'utf8')
  examples = examplesIn(page)
})

const by = (way: string): readonly PageExample[] => examples.filter((example) => example.way === way)

describe('the reference page', () => {
  test('has every operation, each with an example in each of three ways', () => {
    for (const name of publicOperationNames) {
      expect(page).toContain(`<article id="${name}"`)
      expect(examples.filter((example) => example.name === name).map(({ way }) => way)).toEqual([
        'curl',
        'typescript',
        'graphql',
      ])
    }
    expect(examples).toHaveLength(3 * publicOperationNames.length)
  })

  test('says of every refusal what it is', () => {
    for (const code of Object.keys(refusals)) expect(page).toContain(`id="refusal-${code}"`)
  })

  test('leads nowhere that is not on it', () => {
    const ids = new Set([...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id))
    const dead = [...page.matchAll(/href="#([^"]+)"/g)].map(([, id]) => id).filter((id) => !ids.has(id))
    expect(dead).toEqual([])
  })

  test('has nothing within it that our content security policy refuses', async () => {
    for (const text of [page, await readFile(join(directory, 'explorer.html'), 'utf8')]) {
      expect(text).not.toMatch(
        // an address in the text of an example loads nothing; one that an element or a style names does
        /<script(?![^>]* src="\/)|<style|\sstyle=|\son\w+=|javascript:|\s[a-z-]+=["']?https?:\/\/(?!gatehouse\.)|url\(/,
      )
    }
  })
})

describe('its examples', () => {
  test('of GraphQL fit the schema, values included', () => {
    const schema = buildSchema()
    const wrong = by('graphql').flatMap(({ name, text }) =>
      validate(schema, parse(text)).map(({ message }) => `${name}: ${message}`),
    )
    expect(wrong).toEqual([])
  })

  test('of curl ask each operation by its method, with an input that it takes', () => {
    const wrong = asked(by('curl')).flatMap(({ name, words }) => {
      const input = inputOf(words)
      const checked = checkInput(operations[name].input.strict(), input)
      const method = words.includes('--data') ? 'mutation' : 'query'
      const kind = operations[name].kind === 'mutation' ? 'mutation' : 'query'
      return [
        ...(words[0] === `https://gatehouse.test/trpc/${name}` ? [] : [`${name}: asks ${words[0]}`]),
        ...(method === kind ? [] : [`${name}: is a ${operations[name].kind}`]),
        ...('problems' in checked ? checked.problems.map(({ path, message }) => `${name} ${path}: ${message}`) : []),
      ]
    })
    expect(wrong).toEqual([])
  })

  test('of TypeScript compile against the typed client', async () => {
    const project = await mkdtemp(join(root, 'node_modules/.reference-'))
    const functions = by('typescript').map(({ text }, at) => `export async function example${at}() {\n${text}\n}`)
    const source = [
      "import type { GatehouseClient } from '../../packages/client/src/index.ts'",
      'declare const gatehouse: GatehouseClient',
      ...functions,
    ]
    try {
      await writeFile(join(project, 'examples.ts'), source.join('\n'))
      await writeFile(
        join(project, 'tsconfig.json'),
        JSON.stringify({
          extends: '../../tsconfig.base.json',
          compilerOptions: { noEmit: true, noUnusedLocals: false },
          files: ['examples.ts'],
        }),
      )
      expect(compiled(project)).toBe('')
    } finally {
      await rm(project, { recursive: true, force: true })
    }
  })
})

interface Asked {
  readonly name: PageExample['name']
  readonly words: readonly string[]
}

/** What a shell makes of the commands: the words that curl would be given. */
function asked(commands: readonly PageExample[]): readonly Asked[] {
  const script = [
    'curl() { printf "%s\\0" "$@" "--end"; }',
    'GATEHOUSE_URL=https://gatehouse.test',
    'GATEHOUSE_TOKEN=token',
    ...commands.map(({ text }) => text),
  ].join('\n')
  const words = execFileSync('bash', ['-eu', '-c', script], { encoding: 'utf8' }).split('\0--end\0')
  return commands.map(({ name }, at) => ({ name, words: (words[at] ?? '').split('\0') }))
}

function inputOf(words: readonly string[]): unknown {
  const body = words[words.indexOf('--data') + 1]
  if (words.includes('--data') && body !== undefined) return JSON.parse(body)
  const asked = words.find((word) => word.startsWith('input='))
  return asked === undefined ? {} : JSON.parse(asked.slice('input='.length))
}

function compiled(project: string): string {
  try {
    return execFileSync(join(root, 'node_modules/.bin/tsc'), ['-p', project], { encoding: 'utf8' })
  } catch (error) {
    return (error as { stdout: string }).stdout // of execFileSync
  }
}

describe('the pages that are served', () => {
  test('are the reference always, and the explorer only where it is asked for', async () => {
    const production = await readPages(directory, { explorer: false })
    const development = await readPages(directory, { explorer: true })
    expect(Object.keys(production)).toEqual(['/reference', '/reference/pages.css', '/reference/reference.js'])
    expect(Object.keys(development)).toEqual([...Object.keys(production), '/explorer', '/explorer/explorer.js'])
  })
})
