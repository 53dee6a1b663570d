import { operations } from '@gatehouse/contract'
import { command, type Command } from './command.ts'
import { flag, totpFlag, type Flag } from './flag.ts'

const ttlMaxFlag = (rest: Partial<Flag> = {}): Flag =>
  flag('ttl-max', 'how long a credential of it lives at most', { kind: 'duration', field: 'ttlSecondsMax', ...rest })

const leasesMaxFlag = (more: string): Flag =>
  flag('leases-max', `so many credentials of it live at once${more}`, { kind: 'integer', field: 'leasesMax' })
const leasesEachMaxFlag = (more: string): Flag =>
  flag('leases-each-max', `so many of one person or program${more}`, { kind: 'integer', field: 'leasesEachMax' })
const quotaFlags = [leasesMaxFlag(''), leasesEachMaxFlag('')]
const noQuota = '; 0: as many as are asked for'
const changedQuotaFlags = [leasesMaxFlag(noQuota), leasesEachMaxFlag(noQuota)]

const formFlags: readonly Flag[] = [
  flag('grants', 'of PostgreSQL: SQL roles that a login becomes a member of', { kind: 'list' }),
  flag('connections-max', 'of PostgreSQL: connections of a login at once', {
    kind: 'integer',
    field: 'connectionsMax',
  }),
  flag('path', 'of a Vault: what is read there, such as creds/shop-read'),
  flag('role-arn', 'of AWS: the role that a session is of', { field: 'roleArn' }),
  flag('session-policy', 'of AWS: file with a policy that narrows the session', { field: 'sessionPolicy' }),
  flag('external-id', 'of AWS: what the role asks for', { field: 'externalId' }),
  flag('tags', 'of AWS: tags of the session, key=value', { kind: 'list' }),
  flag('permissions', 'of UpCloud: what a sub-account may use, type:target', { kind: 'list' }),
  flag('addresses', 'of UpCloud: from where its token is let in', { kind: 'list' }),
]

const leaseFlags: readonly Flag[] = [
  flag('role', 'name or id of the role', { required: true }),
  flag('workspace', 'workspace', { defaultText: 'the role’s' }),
  flag('ttl', 'how long it lives', {
    kind: 'duration',
    field: 'ttlSeconds',
    defaultText: 'an hour, or the role’s most',
  }),
]

/** Backends that give credentials, what may be asked of them, and programs that run with them. */
export const secretCommands: readonly Command[] = [
  command('secret-backend configure', operations['secretBackend.configure'].summary, {
    covers: ['secretBackend.configure'],
    flags: [
      flag('name', 'what people call it', { required: true }),
      flag('kind', 'what it is', {
        kind: 'choice',
        choices: ['postgres', 'vault', 'aws', 'upcloud'],
        defaultText: 'postgres',
      }),
      flag('url-stdin', 'read the URL, with the password in it, from standard input', {
        kind: 'boolean',
        field: 'urlStdin',
      }),
      flag('secret-stdin', 'the same of a token, key or password, of other kinds', {
        kind: 'boolean',
        field: 'secretStdin',
      }),
      flag('region', 'of AWS: the region whose STS is asked, such as eu-north-1'),
      flag('access-key-id', 'of AWS: Gatehouse’s own key; left out: as who its machine is', { field: 'accessKeyId' }),
      flag('username', 'of UpCloud: the main account'),
      flag('endpoint', 'of AWS and UpCloud: another address than their own'),
      flag('address', 'of a Vault: its address, such as https://vault.example.org:8200'),
      flag('mount', 'of a Vault: where the engine is mounted, such as database'),
      flag('authority', 'file with the certificate to trust instead of the system’s'),
      flag('moved', 'it is another server now, and has the credentials of living leases', { kind: 'boolean' }),
      totpFlag,
    ],
    positionals: ['name'],
    assurance: 'su',
    examples: [
      'shop-db',
      'shop-db --url-stdin < url.txt',
      'shop-vault --kind vault --address https://vault.example.org:8200 --mount database --secret-stdin < token.txt',
      'shop-aws --kind aws --region eu-north-1 --access-key-id AKIAEXAMPLE',
    ],
    run: async (cli, args) => (await import('./run-secrets.ts')).runBackendConfiguration(cli, args),
  }),
  command('secret-role create', operations['secretRole.create'].summary, {
    covers: ['secretRole.create'],
    flags: [
      flag('name', 'what people ask for', { required: true }),
      flag('backend', 'name or id of the backend', { required: true }),
      flag('workspace', 'name or id of the workspace', { defaultText: 'default' }),
      ttlMaxFlag({ defaultText: '1h' }),
      ...quotaFlags,
      ...formFlags,
      totpFlag,
    ],
    positionals: ['name'],
    assurance: 'su',
    examples: [
      'shop-read --backend shop-db --grants shop_reader',
      'shop-deploy --backend shop-aws --role-arn arn:aws:iam::123456789012:role/deploy --ttl-max 4h',
      'shop-orders --backend shop-vault --path creds/orders',
      'shop-write --backend shop-db --grants shop_reader,shop_writer --workspace shop --ttl-max 4h --leases-each-max 2',
    ],
    run: async (cli, args) => (await import('./run-secrets.ts')).runRoleCreation(cli, args),
  }),
  command('secret-role update', operations['secretRole.update'].summary, {
    covers: ['secretRole.update'],
    flags: [
      flag('role', 'name or id of the role', { required: true }),
      ttlMaxFlag(),
      ...changedQuotaFlags,
      ...formFlags,
      totpFlag,
    ],
    positionals: ['role'],
    assurance: 'su',
    examples: [
      'shop-read --ttl-max 8h',
      'shop-read --leases-max 0',
      'shop-read --grants shop_reader,shop_reports',
      'shop-deploy --session-policy "" --external-id ""',
    ],
    run: async (cli, args) => (await import('./run-secrets.ts')).runRoleUpdate(cli, args),
  }),
  command('lease issue', operations['lease.issue'].summary, {
    covers: ['lease.issue'],
    flags: [
      ...leaseFlags,
      flag('purpose', 'what for; auditors read it', { required: true }),
      flag('wrap', 'show a token that opens the credential once within this time, and not the credential', {
        kind: 'duration',
        field: 'wrapSeconds',
      }),
      flag('format', 'as a program wants it', { kind: 'choice', choices: ['aws-credential-process'] }),
      totpFlag,
    ],
    positionals: ['role'],
    aliases: ['secrets generate'],
    assurance: 'mfa',
    examples: [
      'shop-read --purpose "look at an order"',
      'shop-read --purpose "report" --ttl 15m --json',
      'shop-read --purpose "first start of web-7" --wrap 5m',
      'shop-deploy --purpose "deploy" --format aws-credential-process',
    ],
    run: async (cli, args) => (await import('./run-secrets.ts')).runLeaseIssue(cli, args),
  }),
  command('lease unwrap', operations['lease.unwrap'].summary, {
    covers: ['lease.unwrap'],
    flags: [
      flag('role', 'the role that the credential is expected to be of'),
      flag('token-stdin', 'read the token from standard input, also at a terminal', {
        kind: 'boolean',
        field: 'tokenStdin',
      }),
    ],
    assurance: 'none',
    examples: ['', '--token-stdin --json < token', '--role shop-read --token-stdin --quiet < token'],
    run: async (cli, args) => (await import('./run-lease-unwrap.ts')).runLeaseUnwrap(cli, args),
  }),
  command(
    'lease run',
    'Run a command with a credential in its environment alone, and revoke it when the command ends.',
    {
      flags: [...leaseFlags, flag('purpose', 'what for; auditors read it', { defaultText: 'lease run' }), totpFlag],
      positionals: ['role'],
      rest: 'COMMAND…',
      assurance: 'mfa',
      examples: [
        'shop-read -- psql',
        'shop-read --ttl 15m --purpose "nightly report" -- ./report.sh',
        'shop-read -- pg_dump --schema-only',
      ],
      run: async (cli, args) => (await import('./run-lease-command.ts')).runLeaseCommand(cli, args),
    },
  ),
]
