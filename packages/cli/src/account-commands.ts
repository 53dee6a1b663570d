import { TotpAlgorithm } from '@gatehouse/contract'
import { command, type Command } from './command.ts'
import { flag, totpFlag } from './flag.ts'
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

/** Logging in, and what a person does with their own account. */
export const accountCommands: readonly Command[] = [
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
