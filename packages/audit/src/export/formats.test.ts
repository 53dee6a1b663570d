// Threat F4: what somebody wrote into a name must not become a line, a column, a formula or a command of whoever reads
// an export of the audit log. Each format is read back by a reader that knows nothing of its writer.
import { auditActions, severityOf, categoryOf } from '@gatehouse/contract'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseCef, parseCsv, parseSyslog } from '../../test/independent-readers.ts'
import { ecsFieldsOf, ecsProblems } from '../../test/ecs-fields.ts'
import { ocsfProblems } from '../../test/ocsf-classes.ts'
import type { ExportedEntry } from './exported-entry.ts'
import { exportFormats, type ExportFormatName } from './formats.ts'
import { shortSyslogMessage, syslogMessage } from './rfc5424.ts'

const source = { version: '1.2.3', host: 'gatehouse.test' }
const entryWith = (parts: Partial<ExportedEntry> = {}): ExportedEntry => {
  const action = parts.action ?? 'lease.revoke'
  const outcome = parts.outcome ?? 'allowed'
  return {
    id: '01939fd4-7a3e-7c52-9c0b-2f6d1a4e8b70',
    seq: 7,
    at: '2026-11-23T08:00:00.123Z',
    kind: 'change',
    action,
    category: categoryOf(action),
    severity: severityOf(action, outcome),
    outcome,
    principal: { type: 'User', id: '01939fd4-7a3e-7c52-9c0b-2f6d1a4e8b71', name: 'ada' },
    resource: { type: 'Lease', id: 'lease-1' },
    workspace: 'default',
    ip: '192.0.2.7',
    userAgent: 'curl/8',
    sessionId: 'session-1',
    requestId: 'request-1',
    transport: 'trpc',
    decision: { effect: 'allow', policies: ['admin-everything'], version: 'v1' },
    refusal: null,
    intent: null,
    input: { reason: 'done' },
    detail: null,
    schemaVersion: 2,
    leaf: { index: 7, hash: 'aGFzaA==' },
    ...parts,
  }
}

/** An entry with a text wherever one comes from outside. */
const hostile = (text: string): ExportedEntry =>
  entryWith({
    principal: { type: 'User', id: text, name: text },
    resource: { type: 'SshHost', id: text },
    workspace: text,
    userAgent: text,
    sessionId: text,
    requestId: text,
    refusal: text,
    decision: { effect: 'deny', policies: [text], version: text },
    input: { [text]: text, list: [text] },
    detail: { text },
    intent: text,
  })

const write = (name: ExportFormatName, entries: readonly ExportedEntry[]): string => {
  const { head, between, tail, row } = exportFormats[name]
  return head + entries.map((entry) => row(entry, source)).join(between) + tail
}

const asJson = (entry: ExportedEntry): unknown => JSON.parse(JSON.stringify(entry))
const jsonLines = (text: string): unknown[] =>
  text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as unknown)

/** Reads the exact entries out of a file of a format, as whoever receives it would. */
const readers: Readonly<Record<ExportFormatName, (text: string) => unknown[]>> = {
  json: (text) => JSON.parse(text) as unknown[],
  jsonl: jsonLines,
  csv: (text) => parseCsv(text).slice(1),
  splunk: (text) => jsonLines(text).map((one) => (one as { event: unknown }).event),
  ecs: jsonLines,
  ocsf: jsonLines,
  cef: (text) =>
    text
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(parseCef(line).extension['cs6'] ?? '')),
  rfc5424: (text) =>
    text
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(parseSyslog(line).message)),
}
const exact: readonly ExportFormatName[] = ['json', 'jsonl', 'splunk', 'cef', 'rfc5424']
const names = Object.keys(exportFormats) as ExportFormatName[] // the keys of a literal object

const nasty = [
  'a\r\nb',
  '\n',
  '\r',
  '\u001b[2J\u001b]0;owned\u0007',
  '\u009b31m',
  '=cmd|"/C calc"!A0',
  '+1',
  '-1',
  '@SUM(A1)',
  ' =1',
  '\t=1',
  '\u2028\u2029\u0085',
  '\u202eevil\u202c',
  '"quoted","more"',
  "it's",
  'back\\slash\\n',
  'a=b|c]d',
  '\\',
  ']',
  '|',
  '\u0000',
  '\u{1f600}',
  '',
  '<133>1 2026-11-23T08:00:00Z h a - - - forged',
  'CEF:0|x|y|z|1|forged|10|',
  '{"forged":true}',
  ',',
  '; drop',
]

describe.each(names)('%s', (name) => {
  test('has one row for each entry, whatever its texts hold', () => {
    const entries = nasty.map(hostile)
    expect(readers[name](write(name, entries))).toHaveLength(entries.length)
  })

  test('holds nothing that steers a terminal or ends a line, but what quotes hold in a table', () => {
    const text = write(name, nasty.map(hostile))
    const inLines = name === 'csv' ? text.replaceAll(/"(?:[^"]|"")*"/g, '') : text
    // eslint-disable-next-line no-control-regex -- it is what is looked for
    expect(inLines.replaceAll('\n', '').match(/[\u0000-\u001f\u007f-\u009f\u2028-\u202e]/g)).toBeNull()
  })

  test('of nothing is what a reader takes for nothing', () => {
    expect(readers[name](write(name, []))).toEqual([])
  })

  test('of one entry with nothing in it that may be absent has one row', () => {
    const bare = entryWith({
      seq: null,
      principal: { type: 'Anonymous', id: 'anonymous', name: null },
      workspace: null,
      ip: null,
      userAgent: null,
      sessionId: null,
      requestId: '',
      transport: null,
      decision: null,
      input: null,
      schemaVersion: null,
      leaf: null,
    })
    expect(readers[name](write(name, [bare]))).toHaveLength(1)
  })
})

describe.each(exact)('%s', (name) => {
  test('gives back exactly what went in', () => {
    const entries = [entryWith(), ...nasty.map(hostile)]
    expect(readers[name](write(name, entries))).toEqual(entries.map(asJson))
  })

  test('gives back any text exactly', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' }), { maxLength: 4 }), (texts) => {
        const entries = texts.map((text) => hostile(text.toWellFormed()))
        expect(readers[name](write(name, entries))).toEqual(entries.map(asJson))
      }),
      { numRuns: 200 },
    )
  })
})

describe('csv', () => {
  test('gives back every text exactly, but for the apostrophe that makes a formula a text', () => {
    const rows = parseCsv(write('csv', nasty.map(hostile)))
    const [head = []] = rows
    for (const [index, text] of nasty.entries()) {
      const cell = rows[index + 1]?.[head.indexOf('principal_id')] ?? ''
      expect([text, `'${text}`]).toContain(cell)
      expect(cell).not.toMatch(/^[\s\u00a0]*[=+\-@]/)
    }
  })
})

describe('splunk', () => {
  test('has the shape that the HTTP Event Collector documents', () => {
    for (const one of jsonLines(write('splunk', [entryWith(), ...nasty.map(hostile)]))) {
      const { time, host, source: from, sourcetype, event, fields, ...rest } = one as Record<string, unknown>
      expect(rest).toEqual({})
      expect(typeof time).toBe('number')
      expect([host, from, sourcetype].every((text) => typeof text === 'string')).toBe(true)
      expect(typeof event).toBe('object')
      // fields: a flat object of texts
      expect(Object.values(fields as object).every((value) => typeof value === 'string')).toBe(true)
    }
    expect(jsonLines(write('splunk', [entryWith()]))[0]).toMatchObject({ time: 1_795_420_800.123 })
  })
})

/** One of each action with each outcome. */
const everyAction = auditActions.flatMap((action) =>
  (['allowed', 'refused', 'failed', 'intent', 'unknown'] as const).map((outcome) =>
    entryWith({
      action,
      outcome,
      kind: outcome === 'refused' ? 'refusal' : 'change',
      refusal: outcome === 'refused' ? 'forbidden' : null,
      ip: outcome === 'failed' ? '2001:db8::7' : '192.0.2.7',
    }),
  ),
)

describe('ecs', () => {
  test("has only fields that Elastic publishes, of their types, with their values, and `gatehouse`'s own", () => {
    const documents = jsonLines(write('ecs', [...everyAction, ...nasty.map(hostile)]))
    expect(ecsFieldsOf(documents[0]).length).toBeGreaterThan(25)
    expect([...new Set(documents.flatMap(ecsProblems))]).toEqual([])
  })
})

describe('ocsf', () => {
  test('is what the schema of its class demands, and nothing that it does not know', () => {
    const events = jsonLines(write('ocsf', [...everyAction, ...nasty.map(hostile)]))
    expect([...new Set(events.flatMap(ocsfProblems))]).toEqual([])
  })
})

describe('cef', () => {
  test('has its head in seven fields and keys of the dictionary in its extension', () => {
    const [line = ''] = write('cef', [entryWith()]).split('\n')
    const { head, extension } = parseCef(line)
    expect(head).toEqual(['CEF:0', 'Gatehouse', 'Gatehouse', '1.2.3', 'lease.revoke', expect.any(String), '3'])
    expect(extension).toMatchObject({ suser: 'ada', src: '192.0.2.7', rt: '1795420800123', cs2Label: 'workspace' })
    const [v6 = ''] = write('cef', [entryWith({ ip: '2001:db8::7' })]).split('\n')
    expect(parseCef(v6).extension).toMatchObject({ c6a2: '2001:db8::7', c6a2Label: 'Source IPv6 Address' })
    expect(parseCef(v6).extension['src']).toBeUndefined()
  })

  // whoever chooses a name could else say for the audit log who did it, from where, and what came of it
  test('says nothing by a text of an entry that the entry itself does not say', () => {
    const claim = 'ada suser=root src=203.0.113.9 outcome=refused act=nothing cs6={}'
    const [honest = '', forged = ''] = write('cef', [hostile('ada'), hostile(claim)]).split('\n')
    const { extension } = parseCef(forged)
    expect(Object.keys(extension)).toEqual(Object.keys(parseCef(honest).extension))
    expect(extension).toMatchObject({ suser: claim, cs2: claim, src: '192.0.2.7', outcome: 'allowed' })
    const [line = ''] = write('cef', [{ ...entryWith(), action: 'a|b\\c' }]).split('\n')
    expect(parseCef(line).head).toEqual(['CEF:0', 'Gatehouse', 'Gatehouse', '1.2.3', 'a|b\\c', 'a|b\\c', '3'])
  })
})

describe('rfc5424', () => {
  test('has facility and severity, a time, and every fact as structured data', () => {
    const [line = ''] = write('rfc5424', [entryWith({ action: 'admin.recovered', severity: 'critical' })]).split('\n')
    expect(parseSyslog(line)).toMatchObject({
      facility: 13,
      severity: 2,
      timestamp: '2026-11-23T08:00:00.123Z',
      host: 'gatehouse.test',
      app: 'gatehouse',
      msgid: 'admin.recovered',
      data: { 'gatehouse@32473': { principal: 'ada', outcome: 'allowed', workspace: 'default', seq: '7' } },
    })
  })

  // RFC 5424 §6.1: a receiver takes 480 octets, most take 2,048; beyond that it may cut wherever it likes
  test.each([480, 700, 1024, 2048])('is never longer than a receiver takes (%i), and says what is cut', (bytesMax) => {
    const long = { id: 'x'.repeat(256), name: '“ä]"'.repeat(64) }
    for (const parts of [
      {},
      { resource: { type: 'Team', id: '€'.repeat(256) } },
      { principal: { type: 'User', ...long } },
    ]) {
      const entry = entryWith(parts as Partial<ExportedEntry>)
      for (const host of ['gatehouse.test', 'h'.repeat(255)]) {
        const source = { version: '0', host }
        const message = shortSyslogMessage(entry, source, bytesMax)
        expect(Buffer.byteLength(message, 'utf8')).toBeLessThanOrEqual(bytesMax)
        const { data, message: text } = parseSyslog(message)
        const { id, seq, cut } = data['gatehouse@32473'] ?? {}
        expect({ id, seq }).toEqual({ id: entry.id, seq: '7' })
        if (text === '') expect(cut).toMatch(/^message(, \d+ fields?)?$/)
        else expect(message).toBe(syslogMessage(entry, source))
      }
    }
  })

  test('is whole where it fits', () => {
    const [entry, source] = [entryWith({}), { version: '0', host: 'gatehouse.test' }]
    expect(shortSyslogMessage(entry, source, 65_535)).toBe(syslogMessage(entry, source))
  })
})
