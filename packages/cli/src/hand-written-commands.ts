import { alertSeverities, operations, TotpAlgorithm } from '@gatehouse/contract'
import { command, type Command } from './command.ts'
import { otherProgramsHint } from './other-ssh-programs.ts'
import { flag, totpFlag } from './flag.ts'
import { flagsOf } from './operation-flags.ts'
import { textOf } from './parse-arguments.ts'
import { tokenPlaces } from './token-places.ts'

const passwordStdin = (help: string): ReturnType<typeof flag> =>
  flag('password-stdin', help, { kind: 'boolean', field: 'passwordStdin' })

const noBrowser = flag('no-browser', 'only show the address', { kind: 'boolean', field: 'noBrowser' })

const tokenStore = flag('token-store', 'where the tokens go', {
  kind: 'choice',
  choices: tokenPlaces,
  field: 'tokenStore',
  defaultText: 'the keyring, where one answers',
})

const totpFlags = [
  flag('name', 'what you call it', { defaultText: 'authenticator app' }),
  flag('algorithm', 'of the codes; few apps know others than SHA1', {
    kind: 'choice',
    choices: TotpAlgorithm.options,
    defaultText: 'SHA1',
  }),
  flag('digits', 'of a code', { kind: 'choice', choices: ['6', '8'], defaultText: '6' }),
]

const account: readonly Command[] = [
  command(
    'auth login',
    'Log in. On a terminal a browser does it, with every kind of second factor; elsewhere by password and ' +
      'code, or with an API token.',
    {
      covers: ['auth.login', 'auth.completeMfa', 'auth.deviceStart', 'auth.devicePoll'],
      aliases: ['login'],
      flags: [
        flag('username', 'log in here, by password and code, as this person'),
        passwordStdin('read the password from standard input'),
        flag('totp', 'code of your authenticator', { kind: 'secret' }),
        flag('backup-code', 'prove it by a backup code: asked for, or the second line of standard input', {
          kind: 'boolean',
          field: 'backupCode',
        }),
        flag(
          'device',
          'log in by a browser also where there is no terminal; security keys and passkeys work there only',
          { kind: 'boolean' },
        ),
        noBrowser,
        flag('with-token', 'read an API token from standard input, check it and keep it', {
          kind: 'boolean',
          field: 'withToken',
        }),
        tokenStore,
      ],
      positionals: ['username'],
      assurance: 'none',
      examples: [
        '',
        '--username ada',
        '--username ada --password-stdin --totp 123456 < password.txt',
        '--username ada --backup-code',
        '--device --no-browser',
        '--with-token --context ci < token.txt',
      ],
      run: async (cli, args) => (await import('./run-login.ts')).runLogin(cli, args),
    },
  ),
  command('auth whoami', 'Who you are, how strongly you are authenticated, and what is still missing.', {
    covers: ['auth.whoami'],
    assurance: 'pw',
    examples: ['', '--json'],
    run: async (cli) => (await import('./run-whoami.ts')).runWhoami(cli),
  }),
  command('auth status', 'Where you are logged in, as whom, how strongly, and where your tokens lie.', {
    assurance: 'none',
    examples: ['', '--context prod', '--json'],
    run: async (cli) => (await import('./run-account-status.ts')).runAccountStatus(cli),
  }),
  command('auth refresh', 'Exchange your tokens now, as every command does shortly before they end.', {
    covers: ['auth.refresh'],
    assurance: 'none',
    examples: ['', '--context prod', '--json'],
    run: async (cli) => (await import('./run-token-refresh.ts')).runTokenRefresh(cli),
  }),
  command('auth accept-invite', 'Accept an invitation: set your password and log in.', {
    covers: ['auth.acceptInvite'],
    flags: [
      flag('invitation-stdin', 'read the link and the new password from standard input, a line each', {
        kind: 'boolean',
        field: 'invitationStdin',
      }),
    ],
    assurance: 'none',
    examples: ['', '--context prod', '--invitation-stdin < invitation.txt'],
    run: async (cli, args) => (await import('./run-invitation.ts')).runInvitation(cli, args),
  }),
  command('auth logout', 'End this session, or all sessions of yours, and forget the tokens.', {
    covers: ['auth.logout'],
    flags: [flag('all', 'all your sessions', { kind: 'boolean' })],
    assurance: 'pw',
    examples: ['', '--all', '--context prod'],
    run: async (cli, args) => (await import('./run-logout.ts')).runLogout(cli, args),
  }),
  command('auth verify', 'Say what your token is worth now, in the fields of RFC 7662.', {
    covers: ['auth.verify'],
    flags: [flag('token-stdin', 'another token, from standard input', { kind: 'boolean', field: 'tokenStdin' })],
    assurance: 'none',
    examples: ['', '--json', '--token-stdin < token.txt'],
    run: async (cli, args) => (await import('./run-token-verification.ts')).runTokenVerification(cli, args),
  }),
  command(
    'auth step-up',
    'Prove your second factor again, in the same session: by a code, or by a security key or passkey in a browser.',
    {
      covers: ['auth.stepUpBegin', 'auth.stepUpComplete'],
      flags: [
        totpFlag,
        flag('in-browser', 'prove it in a browser, also where you have codes', { kind: 'boolean', field: 'inBrowser' }),
        noBrowser,
      ],
      assurance: 'pw',
      examples: ['', '--totp 123456', '--totp 123456 --json', '--in-browser --no-browser'],
      run: async (cli, args) => (await import('./run-step-up.ts')).runStepUp(cli, args),
    },
  ),
  command(
    'mfa webauthn verify',
    'Prove a security key or passkey for this session: a browser is asked, the session here becomes fresh.',
    {
      flags: [noBrowser],
      assurance: 'pw',
      examples: ['', '--no-browser', '--context prod'],
      run: async (cli, args) => (await import('./run-step-up.ts')).runStepUpInBrowser(cli, args),
    },
  ),
  command(
    'mfa webauthn register',
    'Open the page on which security keys and passkeys are registered: only a browser can do it.',
    {
      aliases: ['mfa webauthn enroll'],
      assurance: 'none',
      examples: ['', '--json', '--context prod'],
      run: async (cli) => (await import('./run-webauthn-page.ts')).runWebauthnPage(cli),
    },
  ),
  command('auth mfa enroll', 'Enrol a second factor of a kind: totp here, webauthn in a browser.', {
    flags: [
      flag('kind', 'kind of authenticator', { kind: 'choice', choices: ['totp', 'webauthn'], required: true }),
      ...totpFlags,
      totpFlag,
    ],
    positionals: ['kind', 'name'],
    assurance: 'pw',
    examples: ['totp', 'totp phone', 'webauthn'],
    run: async (cli, args) =>
      args.values['kind'] === 'webauthn'
        ? (await import('./run-webauthn-page.ts')).runWebauthnPage(cli)
        : (await import('./run-totp-enrolment.ts')).runTotpEnrolment(cli, args),
  }),
  command('password change', 'Change your password; other sessions end, and you get new tokens.', {
    flags: [passwordStdin('read the old password and the new one from standard input, a line each'), totpFlag],
    assurance: 'pw',
    examples: ['', '--password-stdin < passwords.txt', '--password-stdin --totp 123456 < passwords.txt'],
    run: async (cli, args) => (await import('./run-password-change.ts')).runPasswordChange(cli, args),
  }),
  command('totp enroll', 'Enrol an authenticator app: draws the QR code and, on a terminal, takes the first code.', {
    aliases: ['mfa totp enroll'],
    flags: [...totpFlags, totpFlag],
    positionals: ['name'],
    assurance: 'pw',
    examples: ['', 'phone', 'phone --algorithm SHA256 --digits 8', 'phone --json'],
    run: async (cli, args) => (await import('./run-totp-enrolment.ts')).runTotpEnrolment(cli, args),
  }),
  command(
    'backup-code confirm',
    'Put new backup codes in force by typing one of them, which stays unspent; the old ones die.',
    {
      flags: [
        flag('id', 'the set, as `backup-code regenerate` showed it', { required: true }),
        flag('code-stdin', 'read the code from standard input', { kind: 'boolean', field: 'codeStdin' }),
        totpFlag,
      ],
      positionals: ['id'],
      assurance: 'mfa',
      examples: ['SET', 'SET --code-stdin < code.txt', 'SET --json'],
      run: async (cli, args) =>
        (await import('./run-backup-code-confirmation.ts')).runBackupCodeConfirmation(cli, args),
    },
  ),
]

const people: readonly Command[] = [
  command(
    'user import',
    'Import people with the password hashes they have (argon2id, bcrypt, scrypt) from a table or JSON; all or none.',
    {
      covers: ['user.import'],
      flags: [
        flag('file', 'CSV, tab-separated text, JSON or JSON Lines; - is standard input', { required: true }),
        totpFlag,
      ],
      positionals: ['file'],
      assurance: 'su',
      examples: ['people.csv', 'people.json --totp 123456', '- --json < people.csv'],
      run: async (cli, args) => (await import('./run-user-import.ts')).runUserImport(cli, args),
    },
  ),
]

/** What a question about a call is asked by. */
const questionFlags = [
  flag('action', 'an operation such as lease.revoke, or an action of the platform such as deploy', { required: true }),
  flag('resource', 'what it is done to: a type and an id, such as Server:web-1', { required: true }),
  flag('principal', 'whose call it is, such as User:ada or Service:ci-deploy', { defaultText: 'yourself' }),
  flag('workspace', 'where it stands', { defaultText: 'default' }),
  flag('session', 'the session that they call in; without it they count as proved by a password'),
  flag('address', 'where they call from'),
  flag('property', 'a fact of the thing, such as classification=confidential', { kind: 'list' }),
  flag('claim', 'a fact of the call, such as force=true', { kind: 'list' }),
  flag('parameters', 'what else of the call counts for its approval, such as version=1.4.2', { kind: 'list' }),
] as const

const policy: readonly Command[] = [
  command('policy evaluate', 'Ask whether somebody may do something: here, or on the platform.', {
    covers: ['policy.evaluate'],
    flags: questionFlags,
    positionals: ['action', 'resource'],
    assurance: 'pw',
    examples: [
      'deploy Cluster:web --principal User:ada --workspace shop --parameters version=1.4.2',
      'read Secret:db-password --principal Service:ci-deploy --property classification=confidential',
      'sshHost.register Workspace:default --claim anySource=false --json',
    ],
    run: async (cli, args) => (await import('./run-policy-evaluation.ts')).runPolicyEvaluation(cli, args),
  }),
  command(
    'policy test',
    'Run suites of cases, and say which do not meet the decision they expect. Exit 1 unless all do.',
    {
      covers: ['policy.test'],
      flags: [
        flag('directory', 'a policy directory here, by its own policies; left out: the server, by what is in force'),
      ],
      positionals: ['directory'],
      assurance: 'pw',
      examples: ['', 'policies', 'policies --json'],
      run: async (cli, args) => (await import('./run-policy-test.ts')).runPolicyTest(cli, args),
    },
  ),
  command(
    'policy diff',
    'Say who gains and who loses what by other policies. Exit 0: nobody; 1: somebody; 2: a set that is not valid.',
    {
      flags: [
        flag('directory', 'the policies to compare with those in force; with two directories, the old ones', {
          required: true,
        }),
        flag('other', 'the new ones'),
      ],
      positionals: ['directory', 'other'],
      assurance: 'pw',
      examples: ['policies', 'policies-old policies', 'policies --json'],
      run: async (cli, args) => (await import('./run-policy-diff.ts')).runPolicyDiff(cli, args),
    },
  ),
  command('policy matrix', 'Who may do what: each operation by each kind of caller, by the policies in force.', {
    covers: ['policy.matrix'],
    flags: [flag('caller', 'only these kinds of caller, such as Viewer,service', { kind: 'list' })],
    assurance: 'pw',
    examples: ['', '--caller Operator,Viewer', '--json'],
    run: async (cli, args) => (await import('./run-policy-matrix.ts')).runPolicyMatrix(cli, args),
  }),
  command('policy explain', 'Say why somebody may do something or not, and what would make it allow.', {
    covers: ['policy.explain'],
    flags: [...questionFlags, flag('decision', 'a recorded decision, by its id: gatehouse decision list')].map(
      (one) => ({ ...one, required: false }),
    ),
    positionals: ['action', 'resource'],
    assurance: 'pw',
    examples: [
      'ssh Server:web-1 --principal User:ada --workspace shop',
      'user.create System:gatehouse --claim role=Viewer',
      '--decision ENTRY --json',
    ],
    run: async (cli, args) => (await import('./run-policy-explanation.ts')).runPolicyExplanation(cli, args),
  }),
  command('policy who-could', 'Say who could do something: by which policies, and what others lack for it.', {
    covers: ['policy.whoCould'],
    flags: [
      ...questionFlags.filter(({ name }) => name !== 'principal' && name !== 'session'),
      flag('at', 'by the policies and at the hour of another time; people, teams and things are those of now', {
        defaultText: 'now',
      }),
      ...flagsOf(operations['policy.whoCould']).filter(({ field }) => field === 'first' || field === 'after'),
    ],
    positionals: ['action', 'resource'],
    assurance: 'pw',
    examples: [
      'deploy Cluster:web --workspace shop',
      'policy.publish System:gatehouse --at 1d',
      'ssh Server:web-1 --workspace shop --json',
    ],
    run: async (cli, args) => (await import('./run-who-could.ts')).runWhoCould(cli, args),
  }),
  command(
    'policy publish',
    'Publish a policy directory to every node, until the next publication or until a policy file changes.',
    {
      covers: ['policy.publish'],
      flags: [
        flag('directory', 'a directory here; left out: the one of the server that answers'),
        flag('reason', 'why', { required: true }),
        totpFlag,
      ],
      positionals: ['directory'],
      assurance: 'su',
      examples: ['policies --reason "production hours"', '--reason "as on the server" --totp 123456'],
      run: async (cli, args) => (await import('./run-policy-publish.ts')).runPolicyPublish(cli, args),
    },
  ),
  command('policy bundle', 'Sign a policy directory, for servers that take only what is signed; needs no server.', {
    flags: [
      flag('directory', 'a directory here', { required: true }),
      flag('key', 'private key (Ed25519, PEM)', { required: true }),
      flag('name', 'whose signature it is, as in the public key', { defaultText: 'policies' }),
    ],
    positionals: ['directory'],
    examples: ['policies --key policies.pem', 'policies --key policies.pem --name ops', 'policies --key k.pem --json'],
    run: async (cli, args) => (await import('./run-policy-bundle.ts')).runPolicyBundle(cli, args),
  }),
  command('policy bundle-key', 'Make a key to sign policies by; prints the public key for the settings.', {
    flags: [
      flag('file', 'a new file for the private key', { required: true }),
      flag('name', 'whose signature it is', { defaultText: 'policies' }),
    ],
    positionals: ['file'],
    examples: ['policies.pem', 'policies.pem --name ops', 'policies.pem --json'],
    run: async (cli, args) => (await import('./run-policy-bundle.ts')).runPolicyBundleKey(cli, args),
  }),
  command('policy simulate', operations['policy.simulate'].summary, {
    covers: ['policy.simulate', 'policy.simulationWatch'],
    flags: [
      flag('directory', 'a policy directory here, instead of --files'),
      ...flagsOf(operations['policy.simulate']).map((one) =>
        one.field === 'files' ? { ...one, required: false } : one,
      ),
      totpFlag,
    ],
    positionals: ['directory'],
    assurance: 'pw',
    examples: ['candidate --from 7d', 'candidate --from 30d --to 1d --json', '--files @candidate.json --from 7d'],
    run: async (cli, args) => (await import('./run-policy-simulation.ts')).runPolicySimulation(cli, args),
  }),
  command(
    'policy shadow-publish',
    'Let a policy directory decide beside what is in force, without effect; see `policy shadow-report`.',
    {
      covers: ['policy.shadowPublish'],
      flags: [
        flag('directory', 'a directory here', { required: true }),
        flag('reason', 'why', { required: true }),
        totpFlag,
      ],
      positionals: ['directory'],
      assurance: 'mfa',
      examples: ['candidate --reason "production hours"', 'candidate --reason "production hours" --json'],
      run: async (cli, args) => (await import('./run-policy-publish.ts')).runPolicyShadow(cli, args),
    },
  ),
]

const ssh: readonly Command[] = [
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

/** What an export is verified with. */
const exportCheckFlags = [
  flag('key', 'public key of the audit log (`gatehouse audit checkpoint`), or a file with it'),
  flag('checkpoint', 'a file with a checkpoint that you kept; the export has to go on from it'),
  flag('manifest', 'what was signed of the export', { defaultText: 'FILE.manifest' }),
  flag('witness', 'verifier keys of witnesses that have to have co-signed', { kind: 'list' }),
  flag('witnesses', 'how many of them have to have; default: all that are named', { kind: 'integer' }),
]

const record: readonly Command[] = [
  command(
    'audit verify',
    'Recompute the whole audit log and compare it with the checkpoints that this machine remembers.',
    {
      flags: [
        flag('remembered', 'another checkpoint to compare with'),
        flag('forget', 'forget the remembered checkpoints first', { kind: 'boolean' }),
        flag('offline', 'an export to verify instead, by the public key alone; no server is asked', { field: 'file' }),
        ...exportCheckFlags,
        totpFlag,
      ],
      assurance: 'pw',
      examples: [
        '',
        '--json',
        '--context prod',
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
      ...flagsOf(operations['audit.export']),
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

const decisions: readonly Command[] = [
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
    flags: [flag('file', 'what `break-glass export ID --quiet` printed; - is standard input', { required: true })],
    positionals: ['file'],
    examples: ['request.json', '- < request.json', 'request.json --json'],
    run: async (cli, args) => (await import('./run-break-glass-verification.ts')).runBreakGlassVerification(cli, args),
  }),
  command('decision verify', 'Make a recorded decision again from its receipt, without a server, and compare.', {
    flags: [flag('file', 'what `decision get ID --json` printed; - is standard input', { required: true })],
    positionals: ['file'],
    examples: ['receipt.json', '- < receipt.json', 'receipt.json --json'],
    run: async (cli, args) => (await import('./run-decision-verification.ts')).runDecisionVerification(cli, args),
  }),
]

const onTheServer = (words: string, summary: string, examples: readonly string[]): Command =>
  command(words, `${summary} Runs on the server's own machine.`, {
    verbatim: true,
    rest: null,
    examples,
    run: async (cli, args) =>
      (await import('./run-on-server.ts')).runOnServer(cli, [...words.split(' '), ...args.rest]),
  })

const server: readonly Command[] = [
  onTheServer('server-config show', 'Print the settings in force, redacted.', ['', '| less', '> in-force.toml']),
  onTheServer('admin init', 'Make the first administrator; refused once a person exists.', [
    '',
    '--username admin',
    '--help',
  ]),
  onTheServer('admin calibrate', "Measure what a password's hash may cost on this machine.", [
    '',
    '--target-ms 250',
    '--json',
  ]),
  onTheServer('admin recover', 'Let an administrator back in; audited.', [
    '--username admin',
    '--username ada',
    '--help',
  ]),
]

const here: readonly Command[] = [
  command('context list', 'Servers and accounts that this machine knows.', {
    examples: ['', '--json', '--quiet'],
    run: async (cli) => (await import('./run-context.ts')).listContexts(cli),
  }),
  command('context use', 'Use this server and account from now on.', {
    flags: [flag('name', 'name of the context', { required: true })],
    positionals: ['name'],
    examples: ['prod', 'local', 'prod --quiet'],
    run: async (cli, args) => (await import('./run-context.ts')).switchContext(cli, args),
  }),
  command('context add', 'Remember a server under a name.', {
    flags: [
      flag('name', 'name of the context', { required: true }),
      flag('url', 'address of the server', { required: true }),
    ],
    positionals: ['name', 'url'],
    examples: [
      'prod https://gatehouse.example.org',
      'local --url http://localhost:8420',
      'prod --url https://gatehouse.example.org --quiet',
    ],
    run: async (cli, args) => (await import('./run-context.ts')).addContext(cli, args),
  }),
  command('context remove', 'Forget a server and the tokens for it.', {
    flags: [flag('name', 'name of the context', { required: true })],
    positionals: ['name'],
    examples: ['prod', 'prod --yes', 'prod --yes --quiet'],
    run: async (cli, args) => (await import('./run-context.ts')).removeContext(cli, args),
  }),
  command('completion', 'Print the completion script of your shell.', {
    flags: [flag('shell', 'your shell', { kind: 'choice', choices: ['bash', 'zsh', 'fish'], required: true })],
    positionals: ['shell'],
    examples: [
      'bash > ~/.local/share/bash-completion/completions/gatehouse',
      'zsh > ~/.zfunc/_gatehouse',
      'fish > ~/.config/fish/completions/gatehouse.fish',
    ],
    run: async (cli, args) => (await import('./run-completion.ts')).printCompletionScript(cli, args),
  }),
  command('__complete', "Answers the shell's question for candidates.", {
    verbatim: true,
    hidden: true,
    run: async (cli, args) => (await import('./run-completion.ts')).printCandidates(cli, args.rest),
  }),
  command('version', "Print the version of this program; the server's is system version.", {
    examples: ['', '--json', '--quiet'],
    run: async (cli) => (await import('./run-version.ts')).runVersion(cli),
  }),
  command('doctor', 'Check what this machine needs for Gatehouse, and say what is missing.', {
    examples: ['', '--json', '--context prod'],
    run: async (cli) => (await import('./run-doctor.ts')).runDoctor(cli),
  }),
]

/** Commands that are more than one call, or none. */
export const handWrittenCommands: readonly Command[] = [
  ...account,
  ...policy,
  ...people,
  ...ssh,
  ...record,
  ...decisions,
  ...server,
  ...here,
]
