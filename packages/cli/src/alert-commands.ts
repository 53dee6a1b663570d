import { alertSeverities, operations } from '@gatehouse/contract'
import { command, type Command } from './command.ts'
import { flag, totpFlag } from './flag.ts'

/** Channels of alerts, whose secrets are typed or read. */
export const alertCommands: readonly Command[] = [
  command('alert-channel create', operations['alertChannel.create'].summary, {
    covers: ['alertChannel.create'],
    flags: [
      flag('name', 'what people call it', { required: true }),
      flag('kind', 'how it gets there', {
        kind: 'choice',
        required: true,
        choices: ['mail', 'webhook', 'slack', 'pagerduty'],
      }),
      flag('to', 'of mail: the address'),
      flag('url', 'of webhook: where to, beginning with https://; of pagerduty: another region'),
      flag('severity', 'only what is at least so severe', {
        kind: 'choice',
        choices: alertSeverities,
        defaultText: 'low',
      }),
      flag('authority', 'file with the certificate to trust instead of the system’s'),
      flag('secret-stdin', 'read the signing secret, the Slack URL or the integration key from standard input', {
        kind: 'boolean',
        field: 'secretStdin',
      }),
      totpFlag,
    ],
    positionals: ['name'],
    assurance: 'su',
    examples: [
      '"on call" --kind pagerduty --severity high --secret-stdin < integration-key.txt',
      'security --kind mail --to security@example.org',
      'siem --kind webhook --url https://hooks.example.org/gatehouse --secret-stdin < secret.txt',
    ],
    run: async (cli, args) => (await import('./run-alert-channel-creation.ts')).runAlertChannelCreation(cli, args),
  }),
  command('alert-channel update', operations['alertChannel.update'].summary, {
    covers: ['alertChannel.update'],
    flags: [
      flag('channel', 'its name or id', { required: true }),
      flag('name', 'what people call it from now on'),
      flag('severity', 'only what is at least so severe', { kind: 'choice', choices: alertSeverities }),
      flag('off', 'send nothing to it until it is switched on again', { kind: 'boolean' }),
      flag('on', 'send to it again', { kind: 'boolean' }),
      flag('to', 'of mail: another address'),
      flag('url', 'of webhook: another place; of pagerduty: another region, with the key'),
      flag('new-secret', 'ask for another signing secret, Slack URL or integration key', {
        kind: 'boolean',
        field: 'newSecret',
      }),
      flag('secret-stdin', 'read it from standard input', { kind: 'boolean', field: 'secretStdin' }),
      flag('authority', 'file with the certificate to trust instead of the system’s'),
      flag('system-authority', 'trust the system’s certificates again', { kind: 'boolean', field: 'systemAuthority' }),
      flag('reason', 'why; what silences the last channel waits for a second Admin, for this very reason'),
      totpFlag,
    ],
    positionals: ['channel'],
    assurance: 'su',
    examples: [
      '"on call" --severity high',
      'siem --secret-stdin < new-secret.txt',
      'security --off --reason "moved to PagerDuty"',
    ],
    run: async (cli, args) => (await import('./run-alert-channel-update.ts')).runAlertChannelUpdate(cli, args),
  }),
]
