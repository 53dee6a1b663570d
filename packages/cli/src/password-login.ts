import type { Wire } from '@gatehouse/contract'
import type { Cli } from './cli.ts'
import { CliError } from './cli-error.ts'
import type { Client } from './client.ts'
import { deviceLogin } from './device-login.ts'
import { askOrRequire, secretLines } from './secrets-from-stdin.ts'

type Tokens = Wire<'auth.refresh'>['tokens']
type Challenge = NonNullable<Wire<'auth.login'>['challenge']>

/** What was typed for a log-in by password. */
export interface PasswordLogin {
  readonly username: string
  readonly passwordStdin: boolean
  readonly totp: string | null
  /** Whether a backup code is the second factor. */
  readonly backupCode: boolean
  readonly browser: boolean
}

/** Logs in by password and, where the server asks for it, by a code; who has only keys is handed on to the browser. */
export const passwordLogin = async (cli: Cli, client: Client, login: PasswordLogin): Promise<Tokens> => {
  const { password, backupCode } = await secretsOf(cli, login)
  const { tokens, challenge } = await client.call('auth.login', { username: login.username, password })
  if (tokens !== null) return tokens
  if (challenge === null)
    throw new CliError({ code: 'fault', message: 'the server gave neither tokens nor a challenge' })
  if (login.backupCode) return byBackupCode({ cli, client, challenge }, backupCode)
  if (login.totp !== null)
    return (await client.call('auth.completeMfa', { challengeId: challenge.id, totp: login.totp })).tokens
  return challenge.methods.includes('totp')
    ? byPromptedCode({ cli, client, challenge })
    : byBrowser({ cli, client, challenge }, login)
}

interface Answering {
  readonly cli: Cli
  readonly client: Client
  readonly challenge: Challenge
}

const secretsOf = async (
  { terminal }: Cli,
  { passwordStdin, backupCode }: PasswordLogin,
): Promise<{ password: string; backupCode: string | null }> => {
  if (!passwordStdin)
    return {
      password: await askOrRequire(terminal, { flag: 'password-stdin', question: 'password: ', echo: 'hidden' }),
      backupCode: null,
    }
  const [password = '', code = null] = await secretLines(terminal, backupCode ? 2 : 1, 'password-stdin')
  return { password, backupCode: code }
}

const byBackupCode = async ({ cli, client, challenge }: Answering, given: string | null): Promise<Tokens> => {
  const backupCode =
    given ??
    (await askOrRequire(cli.terminal, {
      flag: 'password-stdin',
      question: 'one of your backup codes: ',
      echo: 'hidden',
    }))
  return (await client.call('auth.completeMfa', { challengeId: challenge.id, backupCode })).tokens
}

/** A slip of the fingers is no reason to type the password again. */
const PROMPTS_MAX = 3

/**
 * What an authenticator shows: six or eight digits, perhaps with spaces. Anything else that is typed is meant as a
 * backup code.
 */
const looksLikeTotp = (typed: string): boolean => /^(\s*\d){6,8}\s*$/.test(typed)

const byPromptedCode = async ({ cli, client, challenge }: Answering): Promise<Tokens> => {
  const takesBackup = challenge.methods.includes('backupCode')
  const question = takesBackup ? 'code of your authenticator, or a backup code: ' : 'code of your authenticator: '
  for (let prompt = 1; ; prompt += 1) {
    const code = await askOrRequire(cli.terminal, { flag: 'totp', question, echo: 'hidden' })
    const proof = takesBackup && !looksLikeTotp(code) ? { backupCode: code } : { totp: code }
    try {
      return (await client.call('auth.completeMfa', { challengeId: challenge.id, ...proof })).tokens
    } catch (error) {
      if (!(error instanceof CliError) || error.code !== 'invalid-credentials' || prompt === PROMPTS_MAX) throw error
      cli.terminal.talk(`${error.message}\n`)
    }
  }
}

/** A key can only sign in a browser, for the address that it was registered at. */
const byBrowser = ({ cli, client, challenge }: Answering, { browser }: PasswordLogin): Promise<Tokens> => {
  const what = `this account proves itself by ${challenge.methods.map((method) => methodTexts[method]).join(' or ')}`
  if (!cli.terminal.interactive)
    throw new CliError({ code: 'mfa-required', message: what, hint: 'gatehouse auth login --device' })
  cli.terminal.talk(`${what}, which works in a browser\n`)
  return deviceLogin(cli, client, { browser })
}

const methodTexts = {
  totp: 'an authenticator app',
  webauthn: 'a security key or passkey',
  backupCode: 'a backup code (--backup-code)',
} as const
