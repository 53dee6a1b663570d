import { parseArgs } from 'node:util'
import { withSeeding } from '@gatehouse/compose'
import { ConfigError, type Config } from '@gatehouse/config'
import { Refusal } from '@gatehouse/contract'
import { adminInit, adminRecover, adminUsername, type AdminAccount } from '@gatehouse/identity'

interface Made {
  readonly username: string
  readonly oneTimePassword: NonNullable<AdminAccount['oneTimePassword']>
}

/** `admin init`: the first administrator of an empty Gatehouse. Refused once a user exists. */
export const adminInitCommand = (config: Config, args: readonly string[]): Promise<void> =>
  answered(args, (username) => withSeeding(config, (deps) => adminInit(deps, { username })))

/** `admin recover`: the last way back in, for who owns the server's machine; recorded. */
export const adminRecoverCommand = (config: Config, args: readonly string[]): Promise<void> =>
  answered(args, (username) => withSeeding(config, (deps) => adminRecover(deps, { username })))

async function answered(args: readonly string[], make: (username: string) => Promise<Made>): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: { username: { type: 'string' }, json: { type: 'boolean' } },
    allowPositionals: true,
  })
  try {
    const { username, oneTimePassword } = await make(values.username ?? adminUsername)
    const shown = { username, oneTimePassword: oneTimePassword.expose() }
    process.stdout.write(
      values.json === true
        ? `${JSON.stringify(shown)}\n`
        : `user name          ${shown.username}\none-time password  ${shown.oneTimePassword}\n\nLog in and ` +
            `change it: gatehouse auth login --username ${shown.username}\n`,
    )
  } catch (error) {
    if (error instanceof Refusal)
      throw new ConfigError(
        `${error.message}${error.details.fields?.map(({ path, message }) => `; ${path}: ${message}`).join('') ?? ''}`,
        { cause: error },
      )
    throw error
  }
}
