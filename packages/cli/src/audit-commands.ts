import { operations } from '@gatehouse/contract'
import { command, type Command } from './command.ts'
import { flag, totpFlag } from './flag.ts'
import { flagsOf } from './operation-flags.ts'
import { textOf } from './parse-arguments.ts'

/** What an export is verified with. */
const exportCheckFlags = [
  flag('key', 'public key of the audit log (`gatehouse audit checkpoint`), or a file with it'),
  flag('checkpoint', 'a file with a checkpoint that you kept; the export has to go on from it'),
  flag('manifest', 'what was signed of the export', { defaultText: 'FILE.manifest' }),
  flag('witness', 'verifier keys of witnesses that have to have co-signed', { kind: 'list' }),
  flag('witnesses', 'how many of them have to have; default: all that are named', { kind: 'integer' }),
]

/** The audit log: verified, followed and exported. */
export const auditCommands: readonly Command[] = [
  command(
    'audit verify',
    'Recompute the whole audit log and compare it with the checkpoints that this machine remembers.',
    {
      flags: [
        flag('remembered', 'another checkpoint to compare with, or a file of one'),
        flag('forget', 'forget the remembered checkpoints first', { kind: 'boolean' }),
        flag('offline', 'an export to verify instead, by the public key alone; no server is asked', { field: 'file' }),
        ...exportCheckFlags,
        totpFlag,
      ],
      assurance: 'pw',
      examples: [
        '',
        '--json',
        '--remembered kept.txt',
        '--offline audit.jsonl --key audit.pub',
        '--offline audit.jsonl --key audit.pub --checkpoint kept.txt --json',
      ],
      run: async (cli, args) =>
        textOf(args.values, 'file') === null
          ? (await import('./run-audit-verification.ts')).runAuditVerification(cli, args)
          : (await import('./run-export-verification.ts')).runExportVerification(cli, args),
    },
  ),
  command('audit tail', operations['audit.tail'].summary, {
    covers: ['audit.tail'],
    flags: flagsOf(operations['audit.tail']),
    assurance: 'pw',
    examples: ['', '--severity high --json', '--actor ada --outcome refused'],
    run: async (cli, args) => (await import('./run-audit-tail.ts')).runAuditTail(cli, args),
  }),
  command('audit export', 'Write the audit log out, as it is now, in the format that its reader takes; signed.', {
    covers: ['audit.export', 'audit.exportStream'],
    flags: [
      ...flagsOf(operations['audit.export']).map((one) =>
        one.name === 'format' ? { ...one, defaultText: 'what --output ends in, else json' } : one,
      ),
      flag('output', 'write to this file, with what is signed of it beside it; default: standard output', {
        field: 'file',
      }),
      flag('resume', 'go on with a file whose export broke off', { kind: 'boolean' }),
      totpFlag,
    ],
    assurance: 'su',
    examples: [
      '--format jsonl --from 1d --output audit.jsonl',
      '--format csv --action lease --totp 123456 > leases.csv',
      '--format jsonl --output audit.jsonl --resume',
    ],
    run: async (cli, args) => (await import('./run-audit-export.ts')).runAuditExport(cli, args),
  }),
  command('audit-sink create', operations['auditSink.create'].summary, {
    covers: ['auditSink.create'],
    flags: [
      ...flagsOf(operations['auditSink.create']).filter(({ field }) => field !== 'secret'),
      flag('secret-stdin', 'read its token, or the key that a webhook is signed with, from standard input', {
        kind: 'boolean',
        field: 'secretStdin',
      }),
      totpFlag,
    ],
    positionals: ['name'],
    assurance: 'su',
    examples: [
      'siem --kind hec --url https://splunk.example.org:8088/services/collector/event --secret-stdin < token.txt',
      'archive --kind file --file audit.jsonl --from beginning',
      'syslog --kind syslog --host logs.example.org --message-bytes 2048',
    ],
    run: async (cli, args) => (await import('./run-audit-sink-creation.ts')).runAuditSinkCreation(cli, args),
  }),
  command('audit verify-export', 'As `audit verify --offline FILE`: verify an export; needs no server.', {
    flags: [
      flag('file', 'the export', { required: true }),
      ...exportCheckFlags.map((one) => (one.name === 'key' ? { ...one, required: true } : one)),
    ],
    positionals: ['file'],
    examples: [
      'audit.jsonl --key audit.pub',
      'audit.csv --key audit.pub --manifest signed.txt',
      'a.json --key k --json',
    ],
    run: async (cli, args) => (await import('./run-export-verification.ts')).runExportVerification(cli, args),
  }),
]
