import { command, type Command } from './command.ts'
import { otherProgramsHint } from './other-ssh-programs.ts'
import { flag, totpFlag } from './flag.ts'

/** SSH. */
export const sshCommands: readonly Command[] = [
  command(
    'ssh connect',
    'Connect to a host with a credential that is made for this moment and revoked when you leave.',
    {
      flags: [
        flag('host', 'name or id of the host, also as user@host', { required: true }),
        flag('login', 'account on the host; one of its SSH principals', { defaultText: 'its user' }),
        flag('workspace', 'workspace', { defaultText: 'default' }),
        flag('purpose', 'what for; auditors read it', { defaultText: 'ssh connect' }),
        flag('ttl', 'how long the credential lives', { kind: 'duration', field: 'ttlSeconds', defaultText: '15m' }),
        flag('keep', 'leave the credential to its end', { kind: 'boolean' }),
        flag('tty', 'ask for a terminal even with a command', { kind: 'boolean' }),
        flag('local-forward', "ssh's -L: a port here that leads there", { kind: 'list', field: 'localForward' }),
        flag('remote-forward', "ssh's -R: a port there that leads here", { kind: 'list', field: 'remoteForward' }),
        flag('dynamic-forward', "ssh's -D: a SOCKS proxy through the host", { kind: 'list', field: 'dynamicForward' }),
        totpFlag,
      ],
      positionals: ['host'],
      rest: 'COMMAND…',
      assurance: 'mfa',
      examples: [
        'db-1',
        'db-1 -- uptime',
        'deploy@db-1 -L 5433:localhost:5432',
        'db-1 --login deploy --ttl 30m --purpose "migrate orders"',
      ],
      hint: otherProgramsHint,
      run: async (cli, args) => (await import('./run-ssh-connect.ts')).runSshConnect(cli, args),
    },
  ),
  command(
    'ssh-host setup',
    'Print a script that makes a registered host trust this Gatehouse, and no certificate but its own.',
    {
      flags: [
        flag('host', 'name or id of the registered host', { required: true }),
        flag('gateway-url', 'address by which the host reaches Gatehouse; default: the one you use', {
          field: 'gatewayUrl',
        }),
        flag('gateway-addresses', 'addresses that Gatehouse comes from; default: those of its name', {
          kind: 'list',
          field: 'gatewayAddresses',
        }),
      ],
      positionals: ['host'],
      assurance: 'pw',
      examples: [
        '--host db-1 > setup.sh',
        '--host db-1 --gateway-url https://gatehouse.example.org > setup.sh',
        '--host db-1 --gateway-addresses 192.0.2.7',
      ],
      run: async (cli, args) => (await import('./run-ssh-host-setup.ts')).runSshHostSetup(cli, args),
    },
  ),
  ...['ssh config', 'ssh proxy', 'git', 'scp', 'sftp', 'rsync'].map((words) =>
    command(words, 'How git, scp and others connect until they can go through `gatehouse`.', {
      verbatim: true,
      hidden: true,
      run: async () => (await import('./other-ssh-programs.ts')).refuseOtherProgram(words),
    }),
  ),
]
