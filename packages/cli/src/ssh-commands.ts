import { operations } from '@gatehouse/contract'
import { command, type Command } from './command.ts'
import { otherProgramsHint } from './other-ssh-programs.ts'
import { flag, totpFlag, type Flag } from './flag.ts'

const ttlFlag = flag('ttl', 'how long the credential lives', {
  kind: 'duration',
  field: 'ttlSeconds',
  defaultText: '15m',
})
const jumpFlag = flag('jump', 'registered hosts to go through, as HOST or user@HOST', { kind: 'list' })
const workspaceFlag = flag('workspace', 'workspace', { defaultText: 'default' })
const purposeFlag = (defaultText: string): Flag => flag('purpose', 'what for; auditors read it', { defaultText })

/** SSH. */
export const sshCommands: readonly Command[] = [
  command(
    'ssh connect',
    'Connect to a host with a credential that is made for this moment and revoked when you leave.',
    {
      flags: [
        flag('host', 'name or id of the host, also as user@host', { required: true }),
        flag('login', 'account on the host; one of its SSH principals', { defaultText: 'its user' }),
        workspaceFlag,
        purposeFlag('ssh connect'),
        ttlFlag,
        jumpFlag,
        flag('keep', 'leave the credential to its end', { kind: 'boolean' }),
        flag('otp', 'by a one-time password, where the host takes those', { kind: 'boolean' }),
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
        'db-1 -J bastion -- uptime',
        'db-1 --otp -- uptime',
        'db-1 --login deploy --ttl 30m --purpose "migrate orders"',
      ],
      hint: otherProgramsHint,
      run: async (cli, args) =>
        args.values['otp'] === true
          ? (await import('./run-ssh-connect-otp.ts')).runSshConnectOtp(cli, args)
          : (await import('./run-ssh-connect.ts')).runSshConnect(cli, args),
    },
  ),
  command('ssh-host import', operations['sshHost.import'].summary, {
    covers: ['sshHost.import'],
    flags: [
      flag('file', 'CSV, JSON or an inventory; - is standard input', { required: true }),
      flag('form', 'what the file is', { kind: 'choice', choices: ['table', 'inventory'], defaultText: 'table' }),
      flag('user', 'account that Gatehouse logs in as, where a host names none'),
      flag('source-addresses', 'addresses that people come from, where a host names none', {
        kind: 'list',
        field: 'sourceAddresses',
      }),
      flag('workspace', 'workspace', { defaultText: 'default' }),
      flag('dry-run', 'contact and compare them, and register none', { kind: 'boolean', field: 'dryRun' }),
      totpFlag,
    ],
    positionals: ['file'],
    assurance: 'su',
    examples: [
      'hosts.csv --dry-run',
      'hosts.csv --source-addresses 10.1.0.0/16',
      'inventory.ini --form inventory --user deploy',
      '- --form inventory < inventory.json',
    ],
    run: async (cli, args) => (await import('./run-ssh-host-import.ts')).runSshHostImport(cli, args),
  }),
  command(
    'ssh config',
    'Print lines for ~/.ssh/config by which plain ssh, scp, rsync, git and others get certificates.',
    {
      flags: [
        flag('names', 'only names like these are looked at, as db-*; default: every name', { kind: 'list' }),
        workspaceFlag,
        purposeFlag('ssh'),
        ttlFlag,
        jumpFlag,
      ],
      assurance: 'pw',
      examples: ['> ~/.ssh/gatehouse', '--names "db-*,web-*" > ~/.ssh/gatehouse', '--jump bastion > ~/.ssh/gatehouse'],
      run: async (cli, args) => (await import('./run-ssh-config.ts')).runSshConfig(cli, args),
    },
  ),
  command('ssh proxy', "Carry ssh's bytes to a host, with a certificate for it in an agent; ssh's ProxyCommand.", {
    flags: [
      flag('host', 'name of the host', { required: true }),
      flag('port', "the host's port, or 22", { kind: 'integer', required: true }),
      flag('login', 'account on the host; one of its SSH principals', { defaultText: 'its user' }),
      workspaceFlag,
      purposeFlag('ssh'),
      ttlFlag,
      jumpFlag,
    ],
    positionals: ['host', 'port'],
    assurance: 'mfa',
    examples: ['db-1 22', 'db-1 22 --login deploy --jump bastion'],
    run: async (cli, args) => (await import('./run-ssh-proxy.ts')).runSshProxy(cli, args),
  }),
  command('ssh known', 'Exit 0 where a name is a registered host, else 1; asked by what `ssh config` prints.', {
    flags: [flag('host', 'name of the host', { required: true })],
    positionals: ['host'],
    assurance: 'pw',
    examples: ['db-1'],
    hidden: true,
    run: async (cli, args) => (await import('./run-ssh-known.ts')).runSshKnown(cli, args),
  }),
  command(
    'ssh agent',
    'An SSH agent with a certificate for each of some hosts, in memory alone, renewed while it runs.',
    {
      flags: [
        flag('hosts', 'names of hosts, as HOST or user@HOST', { kind: 'list', required: true }),
        flag('socket', 'path to listen at; default: one of its own'),
        workspaceFlag,
        purposeFlag('ssh agent'),
        ttlFlag,
        totpFlag,
      ],
      positionals: ['hosts'],
      rest: 'COMMAND…',
      assurance: 'mfa',
      examples: ['db-1,web-1', 'deploy@db-1 -- ./deploy.sh', 'db-1 --socket ~/.ssh/gatehouse.sock'],
      run: async (cli, args) => (await import('./run-ssh-agent.ts')).runSshAgent(cli, args),
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
        flag('otp', 'a script by which the host takes one-time passwords, by PAM, and nothing else', {
          kind: 'boolean',
        }),
      ],
      positionals: ['host'],
      assurance: 'pw',
      examples: [
        '--host db-1 > setup.sh',
        '--host db-1 --gateway-url https://gatehouse.example.org > setup.sh',
        '--host db-1 --gateway-addresses 192.0.2.7',
        '--host db-1 --otp > otp.sh',
      ],
      run: async (cli, args) =>
        args.values['otp'] === true
          ? (await import('./run-ssh-host-otp-setup.ts')).runSshHostOtpSetup(cli, args)
          : (await import('./run-ssh-host-setup.ts')).runSshHostSetup(cli, args),
    },
  ),
  command(
    'ssh-otp verify',
    'Ask, as the host that this machine is, whether a one-time password is good; that spends it.',
    {
      covers: ['sshOtp.verify'],
      aliases: ['ssh verify-otp'],
      flags: [
        flag('otp-stdin', 'read the password from standard input', { kind: 'boolean', field: 'otpStdin' }),
        flag('account', 'account that somebody wants to log in to'),
        flag('client-address', 'address from which they do', { field: 'clientAddress' }),
        flag('host-fingerprint', 'fingerprint of a host key of this machine', { field: 'hostFingerprint' }),
      ],
      assurance: 'none',
      examples: ['', '--account deploy --client-address 192.0.2.7', '--otp-stdin --account deploy < otp.txt'],
      run: async (cli, args) => (await import('./run-ssh-otp-verify.ts')).runSshOtpVerify(cli, args),
    },
  ),
  command('ssh-authority configure', operations['sshAuthority.configure'].summary, {
    covers: ['sshAuthority.configure'],
    flags: [
      flag('name', 'what people call it', { required: true }),
      flag('address', 'where the Vault is', { required: true }),
      flag('mount', 'where its SSH engine is mounted', { defaultText: 'ssh' }),
      flag('role', 'role of the SSH engine by which it signs', { required: true }),
      flag('token-stdin', 'read its token from standard input', { kind: 'boolean', field: 'tokenStdin' }),
      flag('certificate', 'file with the certificate to trust instead of the system’s'),
      totpFlag,
    ],
    assurance: 'su',
    examples: [
      '--name vault-1 --address https://vault.example.org:8200 --role gatehouse',
      '--name vault-1 --address https://vault.example.org:8200 --role gatehouse --token-stdin < token',
    ],
    run: async (cli, args) =>
      (await import('./run-ssh-authority-configuration.ts')).runSshAuthorityConfiguration(cli, args),
  }),
  command(
    'ssh known-hosts',
    'Print lines for known_hosts: the host CA vouches for the hosts that have a certificate, by their names.',
    {
      assurance: 'pw',
      examples: ['>> ~/.ssh/known_hosts', '--json'],
      run: async (cli) => (await import('./run-ssh-known-hosts.ts')).runSshKnownHosts(cli),
    },
  ),
  ...['git', 'scp', 'sftp', 'rsync'].map((words) =>
    command(words, 'How git, scp and others get a certificate.', {
      verbatim: true,
      hidden: true,
      run: async () => (await import('./other-ssh-programs.ts')).refuseOtherProgram(words),
    }),
  ),
]
