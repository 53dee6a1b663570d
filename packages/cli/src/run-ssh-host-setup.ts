import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { parsePublicKeyLine } from '@gatehouse/ssh/wire'
import type { Cli } from './cli.ts'
import { flagError } from './cli-error.ts'
import type { Arguments } from './parse-arguments.ts'
import { textOf } from './parse-arguments.ts'
import { setupScript, sshdLines, managementKeyLine, type HostSetup } from './ssh-host-setup.ts'
import { showJson } from './show-output.ts'

/** Prints what a host needs, as a script that can be read first and run as root there. */
export const runSshHostSetup = async (cli: Cli, { values }: Arguments): Promise<number> => {
  const client = await cli.client()
  const ca = await client.call('sshCa.get', {})
  const setup: HostSetup = {
    serverUrl: client.server.url,
    caLine: keyLine(ca.caPublicKey, 'gatehouse-ca'),
    managementLine: keyLine(ca.managementPublicKey, 'gatehouse-management'),
    access: textOf(values, 'access') === 'managementKey' ? 'managementKey' : 'ca',
    user: checkedUser(textOf(values, 'user') ?? 'root'),
    gatewayAddresses: await addressesOf(client.server.url, values['gatewayAddresses']),
  }
  if (cli.options.form === 'json')
    showJson(cli, {
      caPublicKey: setup.caLine,
      managementKey: managementKeyLine(setup),
      sshdConfig: sshdLines,
      script: setupScript(setup),
    })
  else cli.terminal.out(setupScript(setup))
  cli.terminal.talk(
    `read it, then run it as root on the host; afterwards: gatehouse ssh-host register --name NAME --address ADDRESS --port 22 --user ${setup.user} --access ${setup.access}\n`,
  )
  return 0
}

/** Only a key that we can read goes into a script that runs as root. */
const keyLine = (line: string, comment: string): string => {
  const { type, blob } = parsePublicKeyLine(line)
  return `${type} ${Buffer.from(blob).toString('base64')} ${comment}`
}

const checkedUser = (user: string): string => {
  if (!/^[a-z_][a-z0-9_-]{0,31}$/.test(user))
    throw flagError('user', 'a user name: lower-case letters, digits, _ and -')
  return user
}

const addressesOf = async (serverUrl: string, given: unknown): Promise<readonly string[]> => {
  if (Array.isArray(given)) return given.map((address) => checkedAddress(String(address)))
  const name = new URL(serverUrl).hostname.replace(/^\[|\]$/g, '')
  const found = isIP(name) === 0 ? await lookup(name, { all: true }).catch(() => []) : [{ address: name }]
  if (found.length === 0)
    throw flagError('gateway-addresses', `is missing: \`${name}\` has no address that this machine can find`)
  return [...new Set(found.map(({ address }) => address))]
}

const checkedAddress = (text: string): string => {
  const [address = '', bits = '0'] = text.split('/')
  if (isIP(address) === 0 || !/^\d{1,3}$/.test(bits))
    throw flagError('gateway-addresses', `\`${text}\` is no address and no CIDR`)
  return text
}
