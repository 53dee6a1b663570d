import { z } from 'zod'
import { CliError, usageError } from './cli-error.ts'
import type { CliConfig } from './config.ts'
import { readTokenFile } from './token-store.ts'

/** A token that automation brings, and where it comes from, as a person knows that. */
export interface GivenToken {
  readonly token: string
  readonly source: string
}

/** What may stand in a header behind `Bearer` (RFC 6750 §2.1). */
const bearerForm = /^[A-Za-z0-9._~+/-]+=*$/

/** The prefixes of our API tokens, and how many letters and digits follow. */
const apiTokenPrefix = /^gatehouse_(?:pat|svc)_/
const apiTokenForm = /^[0-9A-Za-z]{49}$/

/** The token of the environment; null where there is none. One that cannot be a token is refused before it is sent. */
export const givenToken = async ({ token, tokenFile }: CliConfig): Promise<GivenToken | null> => {
  if (token !== null) return checked({ token, source: 'GATEHOUSE_TOKEN' })
  if (tokenFile === null) return null
  return checked({ token: await readTokenFile(tokenFile), source: `GATEHOUSE_TOKEN_FILE (${tokenFile})` })
}

const EmergencyHeader = z.object({ typ: z.literal('bg+jwt') })

/** Whether a token says that it is one of an emergency session. */
export function isOfEmergency({ token }: Pick<GivenToken, 'token'>): boolean {
  const [header = ''] = token.split('.')
  try {
    return EmergencyHeader.safeParse(JSON.parse(Buffer.from(header, 'base64url').toString('utf8'))).success
  } catch {
    return false // of another form
  }
}

const checked = (given: GivenToken): GivenToken => {
  const problem = problemOf(given.token)
  if (problem === null) return given
  throw usageError(`${given.source} has no token: ${problem}`, { hint: 'was it copied whole?' })
}

/** What is wrong with the form of a token; null: nothing. The text itself is never said. */
const problemOf = (token: string): string | null => {
  if (/\s/.test(token)) return 'there are blanks in it'
  if (!bearerForm.test(token)) return 'there are characters in it that no token has'
  const [prefix] = apiTokenPrefix.exec(token) ?? []
  if (prefix === undefined || apiTokenForm.test(token.slice(prefix.length))) return null
  return `after ${prefix} come 49 letters and digits, not ${token.length - prefix.length} characters like these`
}

/** The server does not take it: whoever set the variable is told which, and why where the server says so. */
export const refusedToken = ({ source }: GivenToken, { message, details, ...error }: CliError): CliError =>
  new CliError({
    code: error.code,
    message: `the server does not take the token of ${source}${details['reason'] === undefined ? '' : `: ${message}`}`,
    details: { ...details, source },
    hint: 'set one that is good (gatehouse api-token create NAME), or unset it to use your own log-in',
    cause: error,
  })
