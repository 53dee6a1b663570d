import { decodeUuidCursor, invalidField, pageOf, Refusal, type Input, type Output } from '@gatehouse/contract'
import type { Transaction } from '@gatehouse/database'
import type { Handler, HandlersOf } from '@gatehouse/enforcement'
import { isUuid } from '@gatehouse/kit'
import type { Change } from '../change.ts'
import { secretPlace, type SinkDeps } from './deliver.ts'
import {
  deleteSink,
  findSinkId,
  insertSink,
  retryDeadLetters,
  selectDeadLetters,
  selectSinks,
  setSinkRequired,
  setSinkState,
  sinksMax,
  type DeadLetter,
  type SinkRow,
  type SinkState,
} from './sink.queries.ts'
import { describeTarget, hasUrl, sealUrl, type SinkKind } from './sink-target.ts'

/** What handlers of sinks need. */
export type SinkHandlerDeps = Omit<SinkDeps, 'change'> & { readonly change: Change }

type Created = Input<'auditSink.create'>
type Presented = Output<'auditSink.create'>

/** Places where the audit log goes by itself. */
export const sinkHandlers = (deps: SinkHandlerDeps): HandlersOf<'auditSink'> => ({
  'auditSink.list': list(deps),
  'auditSink.create': create(deps),
  'auditSink.pause': (permit) =>
    changeSink(deps, permit.input.id, (id) =>
      deps.change(permit, (tx) => needed(setSinkState(tx, { id, state: 'paused', now: deps.clock.now() }))),
    ),
  'auditSink.resume': (permit) =>
    changeSink(deps, permit.input.id, (id) =>
      deps.change(permit, (tx) => needed(setSinkState(tx, { id, state: 'active', now: deps.clock.now() }))),
    ),
  'auditSink.require': (permit) =>
    changeSink(deps, permit.input.id, (id) =>
      deps.change(permit, (tx) => needed(setSinkRequired(tx, { id, required: permit.input.required }))),
    ),
  'auditSink.remove': async (permit) => {
    const id = await requireSink(deps, permit.input.id)
    await deps.change(permit, (tx) => needed(deleteSink(tx, id)))
    return { id }
  },
  'auditSink.deadLetters': deadLetters(deps),
  'auditSink.retry': async (permit) => {
    const { id, entry } = permit.input
    const sinkId = await requireSink(deps, id)
    const entryId = entry === undefined ? null : requireId(entry)
    const retried = await deps.change(permit, (tx) => retryDeadLetters(tx, { sinkId, entryId }))
    return { id: sinkId, retried }
  },
})

const list =
  ({ db, clock }: SinkHandlerDeps): Handler<'auditSink.list'> =>
  async ({ input: { first, after } }) => {
    const place = after === undefined ? null : decodeUuidCursor(after)
    const rows = await selectSinks(db, { after: place, limit: first + 1 })
    return pageOf(
      rows.map((row) => presentSink(row, clock.now())),
      first,
      (sink) => [sink.createdAt, sink.id],
    )
  }

const create =
  (deps: SinkHandlerDeps): Handler<'auditSink.create'> =>
  async (permit) => {
    const { input } = permit
    const id = deps.random.id()
    const secret = input.secret?.expose() ?? null
    const row = {
      id,
      name: input.name,
      kind: input.kind,
      format: formatOf(input),
      target: JSON.stringify(targetOf(deps, input)),
      url: hasUrl(input.kind) && input.url !== undefined ? sealUrl(deps.sealer, id, input.url) : null,
      authority: input.authority ?? null,
      secret: secret === null ? null : Buffer.from(deps.sealer.seal(secretPlace(id), Buffer.from(secret, 'utf8'))),
      redacted: input.redact,
      required: input.required,
      from: input.from,
      created_at: deps.clock.now(),
    } as const
    const insert = async (tx: Transaction): Promise<void> => {
      if (!(await insertSink(tx, row)))
        throw new Refusal('conflict', {
          hint: `there is a sink of that name or for that file, or there are ${sinksMax} already`,
        })
    }
    await deps.change(permit, insert, () => ({ detail: { id, target: describeTarget(input.kind, row.target) } }))
    return requirePresented(deps, id)
  }

/** What each kind needs, and nothing that it does not take. */
function targetOf({ sinkDirectory }: SinkHandlerDeps, input: Created): Record<string, unknown> {
  const { kind, url, host, port, file, secret, messageBytes } = input
  refuseOthers(input)
  if (kind === 'file') {
    if (file === undefined) throw invalidField('file', 'required for a sink of this kind')
    if (sinkDirectory === null)
      throw invalidField(
        'kind',
        'another kind, or set `[audit] sink_directory`: without it there are no files of sinks',
      )
    return { file }
  }
  if (kind === 'syslog') {
    if (host === undefined) throw invalidField('host', 'required for a sink of this kind')
    return { host, port: port ?? syslogPort, ...(messageBytes !== undefined && { bytesMax: messageBytes }) }
  }
  if (url === undefined) throw invalidField('url', 'required for a sink of this kind')
  if (!URL.canParse(url) || new URL(url).protocol !== 'https:')
    throw invalidField('url', 'an address that begins with https://')
  if (secret === undefined && kind !== 'http') throw invalidField('secret', 'required for a sink of this kind')
  // a webhook's signs, and is not sent
  if (secret !== undefined && kind !== 'webhook' && !headerText.test(secret.expose()))
    throw invalidField('secret', 'letters, digits and signs of ASCII, without line breaks: it is sent in a header')
  return { host: new URL(url).host }
}

/** RFC 9110 §5.5: what every receiver reads alike. */
const headerText = /^[\x20-\x7e]+$/

/** RFC 5425 §4.1. */
const syslogPort = 6514

const fieldsOf: Readonly<Record<SinkKind, readonly (keyof Created)[]>> = {
  http: ['url', 'authority', 'secret', 'format'],
  hec: ['url', 'authority', 'secret'],
  webhook: ['url', 'authority', 'secret', 'format'],
  syslog: ['host', 'port', 'messageBytes', 'authority'],
  file: ['file', 'format'],
}

function refuseOthers(input: Created): void {
  for (const field of ['url', 'host', 'port', 'messageBytes', 'file', 'authority', 'secret', 'format'] as const)
    if (input[field] !== undefined && !fieldsOf[input.kind].includes(field))
      throw invalidField(field, `nothing; a sink of the kind ${input.kind} has none`)
}

function formatOf({ kind, format }: Created): string {
  if (kind === 'hec') return 'splunk'
  return kind === 'syslog' ? 'rfc5424' : (format ?? 'jsonl')
}

async function changeSink(
  deps: SinkHandlerDeps,
  given: string,
  work: (id: string) => Promise<unknown>,
): Promise<Presented> {
  const id = await requireSink(deps, given)
  await work(id)
  return requirePresented(deps, id)
}

const requireId = (id: string): string => {
  if (!isUuid(id)) throw new Refusal('not-found')
  return id
}

/** The id of a sink that is named by it, or by its name. */
async function requireSink({ db }: SinkHandlerDeps, given: string): Promise<string> {
  const id = await findSinkId(db, given)
  if (id === null) throw new Refusal('not-found')
  return id
}

const needed = async (done: Promise<boolean>): Promise<void> => {
  if (!(await done)) throw new Refusal('not-found')
}

const findSink = async ({ db }: SinkHandlerDeps, id: string): Promise<SinkState | null> =>
  (await selectSinks(db, { after: null, limit: 1, id }))[0] ?? null

async function requirePresented(deps: SinkHandlerDeps, id: string): Promise<Presented> {
  const row = await findSink(deps, id)
  if (row === null) throw new Refusal('not-found')
  return presentSink(row, deps.clock.now())
}

const deadLetters =
  (deps: SinkHandlerDeps): Handler<'auditSink.deadLetters'> =>
  async ({ input: { id, first, after } }) => {
    const sinkId = await requireSink(deps, id)
    const before = after === undefined ? null : decodeUuidCursor(after).id
    const rows = await selectDeadLetters(deps.db, { sinkId, before, limit: first + 1 })
    return pageOf(rows.map(presentLetter), first, (letter) => [letter.at, letter.entryId])
  }

const presentLetter = (row: DeadLetter): Output<'auditSink.deadLetters'>['items'][number] => ({
  entryId: row.entry_id,
  seq: Number(row.seq),
  error: row.error,
  at: row.at,
  due: row.due,
})

function presentSink(row: SinkState, now: Date): Presented {
  const { kind } = row as SinkRow & { kind: SinkKind } // of the schema's own enum
  return {
    id: row.id,
    name: row.name,
    kind,
    format: row.format as Presented['format'], // of the schema's own enum
    target: describeTarget(kind, row.target),
    redacted: row.redacted,
    required: row.required,
    state: row.state,
    cursor: Number(row.cursor),
    lagEntries: Number(row.waiting),
    lagSeconds: row.oldest === null ? 0 : Math.max(0, Math.round((now.getTime() - Date.parse(row.oldest)) / 1000)),
    deadLetters: row.dead_letters,
    deliveredAt: row.delivered_at,
    failingSince: row.failing_since,
    lastError: row.last_error,
    createdAt: row.created_at,
  }
}
