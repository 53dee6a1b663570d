import { secret, type Secret } from '@gatehouse/contract'
import { canonicalHostAddress } from '@gatehouse/kit'
import { BackendError } from '../backend-error.ts'
import { isThisMachine } from '../this-machine.ts'

/** Where a PostgreSQL server is, and whom Gatehouse logs in as. */
export interface PostgresPlace {
  readonly host: string
  readonly port: number
  readonly database: string
  readonly user: string
  readonly password: Secret<string>
  /** `default`: by TLS, but on this very machine. `never` is for this machine alone. */
  readonly tls: 'always' | 'default' | 'never'
}

const defaultPort = 5432

const modes: Readonly<Record<string, PostgresPlace['tls']>> = { 'verify-full': 'always', disable: 'never' }

const unfit = (what: string): BackendError => new BackendError('unfit', `the URL ${what}`)

/**
 * Reads a URL such as `postgresql://gatehouse:…@db.example.org:5432/shop?sslmode=verify-full`. Nothing of the rest that
 * libpq would take is taken: `?host=` leads elsewhere than it seems, and weaker modes of TLS trust anybody.
 */
export function parsePostgresUrl(text: string): PostgresPlace {
  const url = URL.parse(text)
  if (url === null || !['postgres:', 'postgresql:'].includes(url.protocol))
    throw unfit('does not begin with postgresql://')
  const host = canonicalHostAddress(url.hostname)
  if (host === null) throw unfit('names no host, or several')
  if (url.hash !== '') throw unfit('has a # in it; write it as %23')
  const [user, password, database] = [url.username, url.password, url.pathname.slice(1)].map(plain)
  if (!user || !password) throw unfit('needs a user name and a password')
  if (!database) throw unfit('needs the name of a database after the host')
  return {
    host,
    port: url.port === '' ? defaultPort : Number(url.port),
    database,
    user,
    password: secret(password),
    tls: modeOf(url.searchParams),
  }
}

function modeOf(parameters: URLSearchParams): PostgresPlace['tls'] {
  const stray = [...parameters.keys()].find((name) => name !== 'sslmode')
  if (stray !== undefined) throw unfit('has other parameters than sslmode')
  const [mode, ...more] = parameters.getAll('sslmode')
  if (mode === undefined) return 'default'
  const known = Object.hasOwn(modes, mode) ? modes[mode] : undefined
  if (known === undefined || more.length > 0) throw unfit('has another sslmode than verify-full or disable')
  return known
}

function plain(part: string): string {
  const text = characters(part)
  // where it stands, PostgreSQL takes a text to end
  if (text.includes('\0')) throw unfit('has %00 in it')
  return text
}

function characters(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch (cause) {
    throw new BackendError('unfit', 'the URL has a % that begins no character', { cause })
  }
}

interface Login {
  readonly user: string
  readonly password: string
}

const urlIn = ({ host, port, database }: PostgresPlace, { user, password }: Login, mode: string | null): string => {
  const address = host.includes(':') ? `[${host}]` : host
  const login = `${encodeURIComponent(user)}:${encodeURIComponent(password)}`
  const parameters = mode === null ? '' : `?sslmode=${mode}`
  return `postgresql://${login}@${address}:${port}/${encodeURIComponent(database)}${parameters}`
}

const modeNames: Readonly<Record<PostgresPlace['tls'], string | null>> = {
  always: 'verify-full',
  default: null,
  never: 'disable',
}

/** The same place as a URL of ours, for another login. */
export const urlOf = (place: PostgresPlace, login: Login): string => urlIn(place, login, modeNames[place.tls])

/** The same for a client: it takes less than a checked certificate where nothing is said, so it is said. */
export const clientUrl = (place: PostgresPlace, login: Login): string =>
  urlIn(place, login, place.tls === 'default' && !isThisMachine(place.host) ? 'verify-full' : modeNames[place.tls])

/** What people know a server by: never a secret. */
export const shownPlace = ({ user, host, port, database }: PostgresPlace): string =>
  `${user}@${host}:${port}/${database}`
