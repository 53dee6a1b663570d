import { operations } from '@gatehouse/contract'
import { command, type Command } from './command.ts'
import { flag, totpFlag } from './flag.ts'
import { flagsOf } from './operation-flags.ts'

/** Emergency access: asked for, waited for, used and checked. */
export const emergencyCommands: readonly Command[] = [
  command('break-glass request', operations['breakGlass.request'].summary, {
    covers: ['breakGlass.request'],
    flags: [
      ...flagsOf(operations['breakGlass.request']),
      flag('wait', 'say who votes and what is missing until it is decided; Ctrl-C leaves the request open', {
        kind: 'boolean',
      }),
      totpFlag,
    ],
    assurance: 'su',
    examples: [
      '--incident INC-7 --severity critical --workspace shop ' +
        '--actions sshHost.list,sshHost.get,sshCertificate.sign,sshCertificate.revoke ' +
        '--justification "payments fail, the database host does not answer" --wait',
    ],
    run: async (cli, args) => (await import('./run-emergency-wait.ts')).runEmergencyRequest(cli, args),
  }),
  command('break-glass watch', 'Follow a request until it is decided: who votes, what is missing.', {
    covers: ['breakGlass.watch'],
    flags: flagsOf(operations['breakGlass.watch']),
    positionals: ['id'],
    assurance: 'pw',
    examples: ['REQUEST', 'REQUEST --json', 'REQUEST && gatehouse break-glass activate REQUEST -- bash'],
    run: async (cli, args) => (await import('./run-emergency-wait.ts')).runEmergencyWatch(cli, args),
  }),
  command('break-glass activate', operations['breakGlass.activate'].summary, {
    covers: ['breakGlass.activate'],
    flags: [
      ...flagsOf(operations['breakGlass.activate']),
      flag('keep', 'leave the session to its end when the command has ended', { kind: 'boolean' }),
      totpFlag,
    ],
    positionals: ['id'],
    rest: 'COMMAND…',
    assurance: 'su',
    examples: ['REQUEST -- gatehouse ssh connect db-1', 'REQUEST --keep -- bash', 'REQUEST --json'],
    run: async (cli, args) => (await import('./run-emergency-activation.ts')).runEmergencyActivation(cli, args),
  }),
  command('break-glass verify', 'Check an exported request for emergency access, without a server.', {
    flags: [
      flag('file', 'what `break-glass export ID --quiet` printed; - is standard input', { required: true }),
      flag(
        'key',
        'public key of the audit log (`gatehouse audit checkpoint`), or a file with it; it has to have sealed it',
      ),
    ],
    positionals: ['file'],
    examples: ['request.json', 'request.json --key audit.pub', '- < request.json'],
    run: async (cli, args) => (await import('./run-break-glass-verification.ts')).runBreakGlassVerification(cli, args),
  }),
]
