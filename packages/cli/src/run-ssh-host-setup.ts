import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { operations } from '@gatehouse/contract'
import { canonicalHostAddress, isSshAccount, sshAccountRule } from '@gatehouse/kit'
import {
  allowedSignersLine,
  fingerprint,
  parseHostKeyLine,
  parsePublicKeyLine,
  type PublicKeyType,
} from '@gatehouse/ssh/wire'
import type { Cli } from './cli.ts'
import { agentScript, HOST_KEY_MARK } from './ssh-host-agent.ts'
import { CliError, flagError } from './cli-error.ts'
import { flag } from './flag.ts'
import { requireFlags, textOf, type Arguments } from './parse-arguments.ts'
import { showJson } from './show-output.ts'
import { managementKeyLine, principalLine, sshdLines, type HostSetup } from './ssh-host-setup-facts.ts'
import { penaltyLine } from './ssh-host-setup-penalties.ts'
import { setupScript } from './ssh-host-setup.ts'

/** Prints what a registered host needs, as a script that can be read first and run as root there. */
export const runSshHostSetup = async (cli: Cli, { values }: Arguments): Promise<number> => {
  requireFlags(values, [flag('host', '', { required: true })])
  const client = await cli.client()
  const [ca, host] = await Promise.all([
    client.call('sshCa.get', {}),
    client.call('sshHost.get', { id: textOf(values, 'host') ?? '' }),
  ])
  const pinned = parseHostKeyLine(host.hostKey).key
  const serverUrl = gatewayUrl(textOf(values, 'gatewayUrl') ?? client.server.url)
  const setup: HostSetup = {
    serverUrl,
    name: checkedAs('name', host.name),
    hostKey: keyLine(host.hostKey, ''),
    fingerprint: fingerprint(pinned),
    accounts: host.principals.map(checkedAccount),
    unbound: host.unbound,
    caLine: keyLine(ca.caPublicKey, 'gatehouse-ca'),
    authorityLine: host.authorityPublicKey ? keyLine(host.authorityPublicKey, 'gatehouse-authority') : null,
    signersLine: allowedSignersLine(parsePublicKeyLine(ca.listSignerPublicKey)),
    hostCaFingerprint: fingerprint(parsePublicKeyLine(ca.hostCaPublicKey)),
    certified: host.certifiedUntil !== null,
    managementLine: keyLine(ca.managementPublicKey, 'gatehouse-management'),
    access: host.access,
    user: checkedAccount(host.user),
    authorizedKeysPath:
      host.authorizedKeysPath === null ? null : checkedAs('authorizedKeysPath', host.authorizedKeysPath),
    gatewayAddresses: await addressesOf(serverUrl, values['gatewayAddresses']),
  }
  if (cli.options.form === 'json')
    showJson(cli, {
      host: host.name,
      caPublicKey: setup.caLine,
      authorityPublicKey: setup.authorityLine,
      managementKey: managementKeyLine(setup),
      sshdConfig: sshdLines(setup),
      penaltyExemption: penaltyLine(setup),
      principals: setup.unbound
        ? []
        : setup.accounts.map((account) => ({ account, line: principalLine(setup, account) })),
      allowedSigners: setup.signersLine,
      agent: agentScript(setup).join('\n').replace(HOST_KEY_MARK, hostKeyPath(pinned.type)) + '\n',
      script: setupScript(setup),
    })
  else cli.terminal.out(setupScript(setup))
  cli.terminal.talk(
    `read it, then run it as root on ${host.name}; --undo takes it back · ` +
      `next: gatehouse ssh-host check ${host.name}\n`,
  )
  return 0
}

/** Where OpenSSH itself puts a host's key of this type. */
const hostKeyPath = (type: PublicKeyType): string => `/etc/ssh/ssh_host_${type.replace(/^ssh-|-sha2-.*$/g, '')}_key`

/** Only a key that we can read goes into a script that runs as root. */
export const keyLine = (line: string, comment: string): string => {
  const { type, blob } = parsePublicKeyLine(line)
  return `${type} ${Buffer.from(blob).toString('base64')} ${comment}`.trimEnd()
}

export const checkedAccount = (account: string): string => {
  if (!isSshAccount(account))
    throw new CliError({ code: 'fault', message: `the host's account is not ${sshAccountRule}` })
  return account
}

/** A field of a registration goes into a script only in the form in which a host can be registered with it. */
export const checkedAs = (field: 'name' | 'authorizedKeysPath', text: string): string => {
  const checked = operations['sshHost.register'].input.shape[field].safeParse(text)
  if (!checked.success || checked.data !== text)
    throw new CliError({ code: 'fault', message: `what the server says of the host's ${field} is none` })
  return text
}

/**
 * The address by which the host reaches the server, in a spelling that cannot end a quotation: a URL's host may have
 * `'`, `$` and `;` in it, a host's name or address has not.
 */
export const gatewayUrl = (text: string): string => {
  const url = URL.canParse(text) ? new URL(text) : null
  if (url === null || !['http:', 'https:'].includes(url.protocol) || canonicalHostAddress(url.hostname) === null)
    throw flagError('gateway-url', 'an address such as https://gatehouse.example.org or http://192.0.2.2:8420')
  return url.origin
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
