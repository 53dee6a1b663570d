import { z } from 'zod'
import { systemId } from '../entities.ts'
import { operation } from '../operation.ts'
import { AuditDeadLetter, AuditSink, AuditSinkFormat, AuditSinkKind } from '../audit-outputs.ts'
import { page, type Cursor } from '../page.ts'
import { Id, Label, SecretText, pageInput } from '../scalars.ts'
import { textOf, wholeNumber } from '../text.ts'

const viewed = (item: { createdAt: Date; id: string }): readonly [Cursor['at'], string] => [item.createdAt, item.id]
const onSystem = { principals: ['User'], resource: 'System', id: () => systemId } as const

/** A host by its name or address. */
const SinkHost = textOf({
  what: 'the name or address of a host',
  charactersMax: 253,
  fold: (text) => text.trim().toLowerCase(),
  form: (text) => /^[a-z0-9:._-]+$/.test(text),
})

/** One plain name: where files are is the settings' to say, and nobody else's (threat F3). */
const SinkFile = textOf({
  what: 'one name of small letters, digits, ., - and _, such as audit.jsonl',
  charactersMax: 64,
  form: (text) => /^[a-z0-9][a-z0-9._-]{0,63}$/.test(text),
})

/**
 * Where a sink is. Its path or its query may be what lets one write there, so its host alone is shown and recorded. A
 * user name and a password are no part of where it is: they go into the secret.
 */
const SinkUrl = textOf({
  what: 'an address that begins with https:// and has no user name and no password: the secret is sealed',
  charactersMax: 2048,
  form: (text) => /^https:\/\/[^/?#@\\\s]+([/?#]|$)/i.test(text),
})
const Authority = textOf({
  what: 'a certificate in PEM',
  charactersMax: 16_384,
  allow: { lineBreaks: true },
  form: (text) => text.startsWith('-----BEGIN CERTIFICATE-----'),
})
const lettered = (item: { at: Date; entryId: string }): readonly [Cursor['at'], string] => [item.at, item.entryId]

/** What operations on one sink have in common. */
const onSink = {
  input: z.object({ id: Id }),
  authorize: onSystem,
  assurance: 'su',
  groups: ['writeActions', 'sensitiveActions'],
  audit: { omit: [] },
  refusals: [],
} as const

/** Where the audit log goes by itself. */
export const auditSinkOperations = [
  operation({
    name: 'auditSink.list',
    kind: 'query',
    summary: 'Audit sinks: where the audit log is sent, how far each place has come and what it would not take.',
    input: z.object({ ...pageInput }),
    output: page(AuditSink, 'AuditSinkPage'),
    list: { cursor: viewed },
    authorize: onSystem,
    assurance: 'pw',
    groups: ['readActions'],
    audit: { omit: [] },
    refusals: [],
    command: {
      columns: ['name', 'kind', 'target', 'state', 'lagEntries', 'lagSeconds', 'deadLetters', 'lastError', 'id'],
      examples: ['', '--json'],
    },
  }),
  operation({
    name: 'auditSink.create',
    kind: 'mutation',
    summary: 'Send the audit log on: by HTTPS, to a Splunk collector, a signed webhook, syslog over TLS, or a file.',
    input: z.object({
      name: Label,
      kind: AuditSinkKind,
      /** Of http, webhook and file; a collector takes splunk, syslog rfc5424. */
      format: AuditSinkFormat.optional(),
      /** Of http, hec and webhook; begins with https://. */
      url: SinkUrl.optional(),
      /** Of syslog. */
      host: SinkHost.optional(),
      port: wholeNumber({ min: 1, max: 65_535 }).optional(),
      /** Of syslog: what its receiver takes of a message. RFC 5424 §6.1 has each take the least, and most 2,048. */
      messageBytes: wholeNumber({ min: 480, max: 65_535 }).optional(),
      /** Of file: its name in the directory that the settings name. */
      file: SinkFile.optional(),
      /** The bearer token of http, the collector's token, or the key that a webhook is signed with. */
      secret: SecretText.optional(),
      /** Whose certificates are trusted instead of the system's. */
      authority: Authority.optional(),
      /** Whether it gets the whole audit log, or what comes from now on. */
      from: z.enum(['beginning', 'now']).meta({ id: 'AuditSinkFrom' }).default('now'),
      /** Without names, addresses and whatever else says something of a person. */
      redact: z.boolean().default(false),
      /** Whether nothing is changed while it does not take the audit log. */
      required: z.boolean().default(false),
    }),
    output: AuditSink,
    authorize: onSystem,
    assurance: 'su',
    groups: ['writeActions', 'sensitiveActions'],
    audit: { omit: ['url'] },
    refusals: [],
    command: {
      hidden: true,
      positional: 'name',
      help: {
        kind: 'how it gets there',
        format: 'of http, webhook and file; a collector takes splunk, syslog rfc5424',
        url: 'of http, hec and webhook: where to, beginning with https://',
        host: 'of syslog: name or address of the collector',
        port: 'of syslog; without it 6514',
        messageBytes: 'of syslog: how long a message may be; a longer one goes without its text, and says so',
        file: 'of file: its name in the directory that the settings name',
        authority: 'whose certificates are trusted instead of the system’s, in PEM',
        from: 'the whole audit log, or what comes from now on',
        redact: 'without names, addresses and whatever else says something of a person',
      },
      examples: [
        'siem --kind hec --url https://splunk.example.org:8088/services/collector/event',
        'archive --kind file --file audit.jsonl --from beginning',
        'syslog --kind syslog --host logs.example.org --message-bytes 2048',
      ],
    },
  }),
  operation({
    name: 'auditSink.pause',
    kind: 'mutation',
    summary: 'Pause a sink; what comes meanwhile waits in the audit log.',
    ...onSink,
    output: AuditSink,
    command: { positional: 'id', examples: ['SINK', 'SINK --json'] },
  }),
  operation({
    name: 'auditSink.resume',
    kind: 'mutation',
    summary: 'Resume a sink where it stopped, or try a failing one at once.',
    ...onSink,
    output: AuditSink,
    command: { positional: 'id', examples: ['SINK', 'SINK --json'] },
  }),
  operation({
    name: 'auditSink.require',
    kind: 'mutation',
    summary: 'Require a sink, or do so no more: while a required one does not take the audit log, nothing is changed.',
    ...onSink,
    input: z.object({ id: Id, required: z.boolean().default(true) }),
    output: AuditSink,
    command: { positional: 'id', examples: ['SINK', 'SINK --no-required'] },
  }),
  operation({
    name: 'auditSink.remove',
    kind: 'mutation',
    summary: 'Remove a sink with its dead letters; the audit log keeps all of it.',
    ...onSink,
    output: z.object({ id: z.string() }).meta({ id: 'AuditSinkRemoved' }),
    command: { positional: 'id', examples: ['SINK --yes', 'SINK --yes --json'] },
  }),
  operation({
    name: 'auditSink.deadLetters',
    kind: 'query',
    summary: 'The entries that a sink would not take, and why.',
    input: z.object({ id: Id, ...pageInput }),
    output: page(AuditDeadLetter, 'AuditDeadLetterPage'),
    list: { cursor: lettered },
    authorize: onSystem,
    assurance: 'pw',
    groups: ['readActions'],
    audit: { omit: [] },
    refusals: [],
    command: { positional: 'id', columns: ['seq', 'error', 'at', 'due', 'entryId'], examples: ['SINK', 'SINK --json'] },
  }),
  operation({
    name: 'auditSink.retry',
    kind: 'mutation',
    summary: 'Try dead letters of a sink again: one, or all.',
    ...onSink,
    input: z.object({ id: Id, entry: Id.optional() }),
    output: z.object({ id: z.string(), retried: z.int() }).meta({ id: 'AuditSinkRetried' }),
    command: { positional: 'id', examples: ['SINK', 'SINK --entry ENTRY'] },
  }),
] as const
