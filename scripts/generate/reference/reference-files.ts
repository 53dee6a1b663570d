import {
  commonRefusals,
  operations,
  publicOperationNames,
  refusals,
  type OperationName,
  type RefusalCode,
} from '@gatehouse/contract'
import { buildSchema } from '../../../apps/gateway/src/transports/graphql-schema.ts'
import type { GeneratedFile } from '../generated-file.ts'
import { describeSchema, propertyText, typeText, type JsonSchema } from '../json-schema.ts'
import { nounsOf } from '../operations-document.ts'
import { remedies } from '../record-documents.ts'
import { examplesOf } from './examples.ts'
import { html, type Markup } from './markup.ts'
import { linked, operationSection, type Sources } from './operation-section.ts'

/** The reference page, and the page of the explorer: what the gateway serves as it is. */
export function referenceFiles(permissions: Sources['permissions']): GeneratedFile[] {
  const sources = { schema: buildSchema(), permissions }
  return [
    { path: 'apps/gateway/pages/reference.html', text: referencePage(sources) },
    { path: 'apps/gateway/pages/explorer.html', text: explorerPage(sources) },
  ]
}

const notice = '<!-- Generated from packages/contract by `npm run generate`. Do not edit: a check compares it. -->'

const head = (title: string, script: string): Markup =>
  html`<meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="color-scheme" content="light dark" />
    <meta name="robots" content="noindex" />
    <title>${title}</title>
    <link rel="icon" href="/favicon.svg" type="image/svg+xml" />
    <link rel="stylesheet" href="/reference/pages.css" />
    <script src="${script}" defer></script>`

const referencePage = (sources: Sources): string => `<!doctype html>
${notice}
${
  html`<html lang="en">
    <head>
      ${head('Gatehouse API reference', '/reference/reference.js')}
    </head>
    <body>
      <a class="skip" href="#content">Skip to content</a>
      <header>
        <p class="brand"><a href="/">Gatehouse</a></p>
        <form role="search" hidden>
          <label for="search">Search operations</label>
          <input
            id="search"
            type="search"
            placeholder="Search operations (press /)"
            autocomplete="off"
            spellcheck="false"
            aria-keyshortcuts="/"
            aria-describedby="found"
          />
          <output id="found" for="search"></output>
        </form>
      </header>
      <nav aria-label="Operations">
        <ul>
          <li><a href="#calls">How to call</a></li>
          <li><a href="#refusals">Refusals</a></li>
          ${nouns().map(nounLinks)}
          <li><a href="#types">Types</a></li>
        </ul>
      </nav>
      <main id="content" tabindex="-1">
        <h1>API reference</h1>
        ${introduction()} ${refusalsSection()} ${nouns().map(([noun, names]) => nounSection(noun, names, sources))}
        ${typesSection()}
      </main>
    </body>
  </html>`.text
}
`

const nouns = (): readonly [string, OperationName[]][] => nounsOf(publicOperationNames)

const nounLinks = ([noun, names]: readonly [string, readonly OperationName[]]): Markup =>
  html`<li>
    <a href="#noun-${noun}">${noun}</a>
    <ul>
      ${names.map(
        (name) => html`<li data-operation="${name}"><a href="#${name}">${name.slice(noun.length + 1)}</a></li>`,
      )}
    </ul>
  </li> `

const nounSection = (noun: string, names: readonly OperationName[], sources: Sources): Markup =>
  html`<section aria-labelledby="noun-${noun}">
    <h2 id="noun-${noun}">${noun}</h2>
    ${names.map((name) => operationSection(name, sources))}
  </section> `

const introduction = (): Markup =>
  html`<section aria-labelledby="calls">
    <p>
      ${String(publicOperationNames.length)} operations. Each is a GraphQL field, a tRPC procedure, a command, and the
      action that policies and the audit log name. Everything here is made from the contract that the server runs.
    </p>
    <h2 id="calls">How to call</h2>
    <p>
      The examples take the server and a token from the environment: an API token (<a href="#apiToken.create"
        >apiToken.create</a
      >) or an access token (<a href="#auth.login">auth.login</a>).
    </p>
    <pre>
export GATEHOUSE_URL=https://gatehouse.example.org
export GATEHOUSE_TOKEN=…</pre>
    <dl>
      <dt>curl</dt>
      <dd>
        tRPC over plain HTTP: queries by GET with <code>input</code> in the address, mutations by POST with a JSON body.
        Answers are <code>{ result: { data } }</code>, refusals <code>{ error: { data: { refusal: { code } } } }</code>.
      </dd>
      <dt>TypeScript</dt>
      <dd>
        by <code>@gatehouse/client</code>, which speaks tRPC and knows every type below:
        <code
          >const gatehouse = createClient({ url: process.env.GATEHOUSE_URL, token: process.env.GATEHOUSE_TOKEN })</code
        >. <code>list</code> goes through all pages, <code>call</code> answers one.
      </dd>
      <dt>GraphQL</dt>
      <dd>
        a document, sent as <code>{ "query": … }</code> to <code>POST /graphql</code>, subscriptions to
        <code>/graphql/stream</code> (server-sent events). Lists are connections. Enums are in upper case. In
        development there is an explorer at <code>/explorer</code>.
      </dd>
      <dt>Lists</dt>
      <dd>
        take <code>first</code> (1 to 200) and <code>after</code>, the <code>nextCursor</code> of the page before.
      </dd>
      <dt>Who may</dt>
      <dd>
        by the policies as they are shipped, two factors in the session, in a development workspace: <b>own</b> on what
        is the caller's own, <b>team</b> on what is others' in workspaces of their teams, <b>all</b> on everything,
        <b>*</b> with a second factor proved in the last minutes. Your policies may say otherwise:
        <a href="#access.mine">access.mine</a> answers what you may do here.
      </dd>
    </dl>
  </section>`

const refusalsSection = (): Markup =>
  html`<section aria-labelledby="refusals">
    <h2 id="refusals">Refusals</h2>
    <p>
      A refusal is an expected no, with the same code on every transport. Any operation may refuse with
      ${commonRefusals.map((code, at) => html`${at === 0 ? '' : ', '}<a href="#refusal-${code}">${code}</a>`)}. What
      each adds stands beside it. Everything else that fails is <code>internal</code>, with a request id.
    </p>
    <dl>
      ${(Object.keys(refusals) as RefusalCode[]).map(
        (code) =>
          html`<dt id="refusal-${code}"><code>${code}</code> ${String(refusals[code].status)}</dt>
            <dd>${sentence(refusals[code].text)} ${plain(remedies[code])}</dd> `,
      )}
    </dl>
  </section>`

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`

/** A line of Markdown without its marks: links lead to files that are not served. */
const plain = (text: string): string => text.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1').replaceAll('`', '')

const typesSection = (): Markup =>
  html`<section aria-labelledby="types">
    <h2 id="types">Types</h2>
    ${[...namedTypes()].map(
      ([name, schema]) =>
        html`<article id="type-${name}">
          <h3><a href="#type-${name}">${name}</a></h3>
          <pre>${linked(declaration(schema))}</pre>
        </article> `,
    )}
  </section>`

const declaration = (schema: JsonSchema): string =>
  schema.properties === undefined
    ? typeText(schema, '§')
    : ['{', ...propertyText(schema, '§').map((line) => `  ${line}`), '}'].join('\n')

/** Every type with a name of its own, by that name. */
function namedTypes(): ReadonlyMap<string, JsonSchema> {
  const found = publicOperationNames.flatMap((name) =>
    [operations[name].input, operations[name].output].flatMap((schema) => Object.entries(describeSchema(schema).named)),
  )
  return new Map(found.toSorted(([a], [b]) => a.localeCompare(b, 'en')))
}

const explorerPage = (sources: Sources): string => `<!doctype html>
${notice}
${
  html`<html lang="en">
    <head>
      ${head('Gatehouse explorer', '/explorer/explorer.js')}
    </head>
    <body class="explorer">
      <header>
        <p class="brand"><a href="/">Gatehouse</a></p>
        <p><a href="/reference">API reference</a></p>
      </header>
      <main id="content" tabindex="-1">
        <h1>Explorer</h1>
        <noscript
          ><p>The explorer needs JavaScript. The <a href="/reference">API reference</a> does not.</p></noscript
        >
        <p id="who" role="status">Who you are is looked up …</p>
        <form id="call">
          <p>
            <label for="example">Begin with</label>
            <select id="example">
              <option value="">an operation …</option>
              ${nouns().map(
                ([noun, names]) =>
                  html`<optgroup label="${noun}">
                    ${names.map(
                      (name) => html`<option value="${examplesOf(name, sources.schema).graphql}">${name}</option> `,
                    )}
                  </optgroup>`,
              )}
            </select>
          </p>
          <p>
            <label for="document">Document</label>
            <textarea id="document" rows="16" spellcheck="false" autocapitalize="off" aria-keyshortcuts="Control+Enter">
{ authWhoami { username roles teams assurance } }</textarea>
          </p>
          <p>
            <label for="variables">Variables, as JSON</label>
            <textarea id="variables" rows="3" spellcheck="false" autocapitalize="off"></textarea>
          </p>
          <p>
            <label for="token">Token, to call as another account (kept on this page only)</label>
            <input id="token" type="password" autocomplete="off" />
          </p>
          <p>
            <button type="submit">Run</button> <button type="button" id="stop" disabled>Stop</button>
            <span class="hint">Ctrl Enter runs it, too.</span>
          </p>
        </form>
        <h2 id="answered">Answer</h2>
        <p id="outcome" role="status"></p>
        <pre id="answer" tabindex="0" aria-labelledby="answered"></pre>
      </main>
    </body>
  </html>`.text
}
`
