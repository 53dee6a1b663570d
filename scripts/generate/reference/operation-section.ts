import { operations, refusals, type OperationName } from '@gatehouse/contract'
import type { Permission } from '@gatehouse/policy/offline'
import type { GraphQLSchema } from 'graphql'
import { describeSchema, typeText, type JsonSchema } from '../json-schema.ts'
import { decidedOn } from '../operations-document.ts'
import { examplesOf, type Examples } from './examples.ts'
import { wordsOf } from './field-words.ts'
import { html, type Markup, type Part } from './markup.ts'

/** What a section is made of, beside the contract. */
export interface Sources {
  readonly schema: GraphQLSchema
  readonly permissions: (name: OperationName) => readonly Permission[]
}

/** Stands before a named type, until it becomes a link. */
const mark = '§'

/** A type as TypeScript writes it, its named types as links. */
export const typeMarkup = (schema: JsonSchema): Markup => linked(typeText(schema, mark))

/** Text with links in place of marked names. */
export const linked = (text: string): Markup => {
  const parts = text
    .split(/(§\w+)/)
    .map((part) => (part.startsWith(mark) ? html`<a href="#type-${part.slice(1)}">${part.slice(1)}</a>` : part))
  return html`${parts}`
}

/** Everything about one operation. */
export function operationSection(name: OperationName, sources: Sources): Markup {
  return html` <article id="${name}" data-operation="${name}">
    <h3><a href="#${name}">${name}</a></h3>
    <p>${operations[name].summary}</p>
    <dl>${facts(name, sources.permissions(name))}</dl>
    ${inputMarkup(name)}
    <p class="label">Output${operations[name].kind === 'subscription' ? ', each' : ''}</p>
    <pre>${typeMarkup(describeSchema(operations[name].output).root)}</pre>
    ${examplesMarkup(name, examplesOf(name, sources.schema))}
  </article>`
}

function facts(name: OperationName, permissions: readonly Permission[]): readonly Markup[] {
  const { kind, authorize, assurance, groups, refusals: own, heavy, audit } = operations[name]
  const rows: readonly (readonly [string, Part])[] = [
    ['Kind', heavy === true ? `${kind}, one at a time for each person` : kind],
    ['Who may', permissions.map(({ caller, may }) => html`<span class="may">${caller} <b>${may}</b></span> `)],
    ['Proof', assuranceWords[assurance]],
    ['Callers', authorize.principals.join(', ')],
    ['Decided on', decidedOn(operations[name])],
    ['Action groups', groups.join(', ')],
    ['Facts for policies', Object.keys(authorize.contextTypes ?? {}).join(', ')],
    [
      'Refusals',
      [
        html`<a href="#refusals">the common ones</a>`,
        ...own.map((code) => html`, <a href="#refusal-${code}" title="${refusals[code].text}">${code}</a>`),
      ],
    ],
    ['Never recorded', audit.omit.join(', ')],
  ]
  return rows
    .filter(([, value]) => value !== '')
    .map(
      ([term, value]) =>
        html`<dt>${term}</dt>
          <dd>${value}</dd>`,
    )
}

const assuranceWords = {
  none: 'none: anybody may ask',
  pw: 'a session or token (pw)',
  mfa: 'a second factor in the session (mfa)',
  su: 'a second factor proved in the last minutes (su)',
} as const

function inputMarkup(name: OperationName): Markup {
  const { properties = {}, required = [] } = describeSchema(operations[name].input).root
  const fields = Object.entries(properties)
  if (fields.length === 0) return html`<p class="label">No input</p>`
  return html`<p class="label">Input</p>
    <div class="scroll" tabindex="0" role="group" aria-label="Input of ${name}">
      <table>
        <thead>
          <tr>
            <th scope="col">Field</th>
            <th scope="col">Type</th>
            <th scope="col">What is right</th>
          </tr>
        </thead>
        <tbody>
          ${fields.map(
            ([field, schema]) =>
              html`<tr>
                <th scope="row"><code>${field}</code></th>
                <td><code>${typeMarkup(schema)}</code></td>
                <td>${noteOf({ words: wordsOf(name, field), schema, isRequired: required.includes(field) })}</td>
              </tr> `,
          )}
        </tbody>
      </table>
    </div>`
}

interface Note {
  readonly words: string
  readonly schema: JsonSchema
  readonly isRequired: boolean
}

function noteOf({ words, schema, isRequired }: Note): string {
  const presence = isRequired ? 'required' : 'may be left out'
  const standing = schema.default === undefined ? presence : `default ${JSON.stringify(schema.default)}`
  return words === '' ? standing : `${standing}; ${words}`
}

const titles = { curl: 'curl', typescript: 'TypeScript (tRPC)', graphql: 'GraphQL' } as const

const examplesMarkup = (name: OperationName, examples: Examples): Markup =>
  html`<div class="examples">
    ${Object.entries(titles).map(
      ([way, title]) =>
        html`<details name="${name}">
          <summary>${title}</summary>
          <pre data-example="${way}" tabindex="0" aria-label="${name} by ${title}">
${
  examples[way as keyof Examples] // the keys of the titles are the ways
}</pre>
        </details> `,
    )}
  </div>`
