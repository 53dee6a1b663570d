import { systemId, type EventName } from '@gatehouse/contract'
import type { Store, Transaction } from '@gatehouse/database'
import { uid, type Clock, type Random, type Sealer, type SealedPlace } from '@gatehouse/enforcement'
import { DeliveryError, type Outbound } from '@gatehouse/kit/outbound'
import type { Change } from '../change.ts'
import { exportFormats, type ExportFormatName } from '../export/formats.ts'
import { exportedEntry, type ExportedEntry } from '../export/exported-entry.ts'
import type { ExportSource } from '../export/export-format.ts'
import { shortSyslogMessage, syslogMessage } from '../export/rfc5424.ts'
import { presentEntry } from '../present-entry.ts'
import { withheldFrom, type SearchDeps } from '../search.queries.ts'
import { appendFile, emptyFile } from './append-file.ts'
import { sendHttp, sendSecondsMax } from './send-http.ts'
import { sendSyslog } from './send-syslog.ts'
import {
  advanceSink,
  batchMax,
  beginAnew,
  claimSink,
  dropDeadLetter,
  keepDeadLetter,
  noteAnswer,
  postponeSink,
  selectBatch,
  selectDueLetters,
  type ClaimedSink,
  type Delivered,
  type DeliverableRow,
} from './sink.queries.ts'
import { openUrl, readTarget, type SinkKind } from './sink-target.ts'

export interface SinkDeps extends SearchDeps {
  readonly clock: Clock
  readonly random: Random
  readonly sealer: Sealer
  readonly change: Pick<Change, 'event'>
  readonly outbound: Outbound
  readonly source: ExportSource
  /** Where files of sinks are; null: there are none. */
  readonly sinkDirectory: string | null
}

/** Nothing more is sent by a claim after this, single tries included, so that others have a turn. */
const sendingSecondsMax = 80
/** After a failure: a second, then twice as long each time, and never longer than five minutes. */
const pauseSecondsMax = 300
/** While nothing is changed for want of it, a sink is tried at least so often. */
const pauseRequiredSecondsMax = 5

/** Where the secret of a sink is sealed. */
export const secretPlace = (id: string): SealedPlace => ({ table: 'audit_sink', column: 'secret', id })

/**
 * Takes one sink that waits, if one does, and answers what delivers the next entries to it. The claim is committed
 * before anything leaves, and the cursor moves after it was taken: whoever dies in between has another deliver it
 * again. Better twice than never. It is plumbing, not an operation: it writes no entries about what it delivers, or it
 * would feed itself for ever; that a sink begins to fail, and that it has recovered, are events.
 */
export async function takeSink(deps: SinkDeps): Promise<(() => Promise<void>) | null> {
  const now = deps.clock.now()
  const sink = await claimSink(deps.db, { claim: deps.random.id(), now })
  return sink === null ? null : () => deliverTo(deps, sink, now.getTime() + sendingSecondsMax * 1000)
}

async function deliverTo(deps: SinkDeps, sink: ClaimedSink, stopAt: number): Promise<void> {
  try {
    if (sink.anew) await empty(deps, sink)
    else {
      await redeliver(deps, sink, stopAt)
      await deliverBatch(deps, sink, stopAt)
    }
  } catch (error) {
    // no other failure may hold a sink until its claim lapses: it is told, and tried again
    await postpone(deps, sink, error)
    if (!(error instanceof DeliveryError)) throw error
  }
}

/** The file first: whoever dies in between has it emptied once more. */
async function empty(deps: SinkDeps, sink: ClaimedSink): Promise<void> {
  if (deps.sinkDirectory === null) throw noDirectory()
  await emptyFile(deps.sinkDirectory, readTarget('file', sink.target).file)
  await settle(deps, sink, beginAnew)
}

const noDirectory = (): DeliveryError => new DeliveryError('later', 'the settings name no directory for files of sinks')

async function deliverBatch(deps: SinkDeps, sink: ClaimedSink, stopAt: number): Promise<void> {
  if (isOver(deps, stopAt)) return settle(deps, sink, (db, delivered) => advanceSink(db, delivered, sink.cursor))
  const { rows, end } = await selectBatch(deps, { cursor: sink.cursor, limit: batchMax })
  let cursor = end
  try {
    if (rows.length > 0) await send(deps, sink, rows)
  } catch (error) {
    if (!(error instanceof DeliveryError) || error.chance === 'later') throw error
    await noteAnswer(deps.db, { id: sink.id, claim: sink.claim, now: deps.clock.now() })
    cursor = await deliverSingly(deps, sink, { rows, end, stopAt })
  }
  await settle(deps, sink, (db, delivered) => advanceSink(db, delivered, cursor))
}

const isOver = ({ clock }: SinkDeps, stopAt: number): boolean => clock.now().getTime() > stopAt

/** Lets a sink go; that it has recovered is told in the transaction that says so, once, whoever dies when. */
async function settle(
  { db, change, clock }: SinkDeps,
  sink: ClaimedSink,
  letGo: (db: Store, delivered: Delivered) => Promise<boolean>,
): Promise<void> {
  const delivered = { id: sink.id, claim: sink.claim, now: clock.now() }
  if (sink.failing_since === null) return void (await letGo(db, delivered))
  await db.transaction().execute(async (tx) => {
    if (await letGo(tx, delivered)) await tell(change, tx, { ...sink, told: { name: 'auditSink.recovered' } })
  })
}

/** One by one, so that a single entry that is not taken holds up no other. Answers where the next batch begins. */
async function deliverSingly(
  deps: SinkDeps,
  sink: ClaimedSink,
  { rows, end, stopAt }: { readonly rows: readonly DeliverableRow[]; readonly end: string; readonly stopAt: number },
): Promise<string> {
  let last = sink.cursor
  for (const row of rows) {
    if (isOver(deps, stopAt)) return last
    await sendOrKeep(deps, sink, row)
    last = row.seq ?? last
  }
  return end
}

async function sendOrKeep(deps: SinkDeps, sink: ClaimedSink, row: DeliverableRow): Promise<void> {
  try {
    await send(deps, sink, [row])
    if (row.seq !== null) await dropDeadLetter(deps.db, sink.id, row.seq)
  } catch (error) {
    if (!(error instanceof DeliveryError) || error.chance === 'later') throw error
    await keepDeadLetter(deps.db, { sinkId: sink.id, row, error: error.message, now: deps.clock.now() })
  }
  await noteAnswer(deps.db, { id: sink.id, claim: sink.claim, now: deps.clock.now() })
}

/** Dead letters that somebody wants to be tried again. */
async function redeliver(deps: SinkDeps, sink: ClaimedSink, stopAt: number): Promise<void> {
  for (const row of await selectDueLetters(deps, sink.id, batchMax)) {
    if (isOver(deps, stopAt)) return
    await sendOrKeep(deps, sink, row)
  }
}

async function postpone(deps: SinkDeps, sink: ClaimedSink, error: unknown): Promise<void> {
  const now = deps.clock.now()
  const most = sink.required ? pauseRequiredSecondsMax : pauseSecondsMax
  const seconds = Math.min(most, 2 ** Math.min(sink.failures, 16))
  const message = error instanceof DeliveryError ? error.message : 'something went wrong here; the log has the cause'
  const dueAt = new Date(now.getTime() + seconds * 1000)
  await deps.db.transaction().execute(async (tx) => {
    const isOurs = await postponeSink(tx, { id: sink.id, claim: sink.claim, now }, { error: message, dueAt })
    if (isOurs && sink.failing_since === null)
      await tell(deps.change, tx, { ...sink, told: { name: 'auditSink.failing', error: message } })
  })
}

interface Told {
  readonly name: Extract<EventName, `auditSink.${string}`>
  readonly error?: string
}

const tell = (
  change: SinkDeps['change'],
  tx: Transaction,
  { id, name: sink, told: { name, ...detail } }: Pick<ClaimedSink, 'id' | 'name'> & { readonly told: Told },
): Promise<void> => change.event(tx, { name, resource: uid('System', systemId), detail: { id, sink, ...detail } })

async function send(deps: SinkDeps, sink: ClaimedSink, rows: readonly DeliverableRow[]): Promise<void> {
  const { kind, target, authority, format: formatName } = sink
  const entries = rows.map((row) => entryOf(sink, row))
  if (kind === 'syslog') {
    const { host, port, bytesMax } = readTarget('syslog', target)
    const messages = entries.map((entry) =>
      bytesMax === undefined ? syslogMessage(entry, deps.source) : shortSyslogMessage(entry, deps.source, bytesMax),
    )
    return sendSyslog({ outbound: deps.outbound, host, port, authority, messages, secondsMax: sendSecondsMax })
  }
  const format = exportFormats[formatName as ExportFormatName] // written by the schema's own enum
  const body = entries.map((entry) => format.row(entry, deps.source)).join('')
  if (kind === 'file') {
    if (deps.sinkDirectory === null) throw noDirectory()
    return appendFile(deps.sinkDirectory, readTarget('file', target).file, body)
  }
  return sendHttp({
    outbound: deps.outbound,
    kind: kind as Exclude<SinkKind, 'syslog' | 'file'>, // of the schema's own enum
    url: openUrl(deps.sealer, sink),
    authority,
    secret: sink.secret === null ? null : unsealed(deps, sink.id, sink.secret),
    mediaType: format.mediaType,
    deliveryId: `${sink.id}-${rows[0]?.seq ?? ''}-${rows.at(-1)?.seq ?? ''}`,
    body,
    now: deps.clock.now(),
  })
}

const unsealed = ({ sealer }: SinkDeps, id: string, secret: Buffer): string =>
  Buffer.from(sealer.unseal(secretPlace(id), secret)).toString('utf8')

const entryOf = ({ redacted }: ClaimedSink, row: DeliverableRow): ExportedEntry =>
  exportedEntry(presentEntry(redacted ? withheldFrom(row) : row), row.leaf_hash)
