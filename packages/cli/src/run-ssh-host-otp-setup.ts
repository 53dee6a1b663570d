import { fingerprint, parsePublicKeyLine } from '@gatehouse/ssh/wire'
import type { Cli } from './cli.ts'
import { flagError, localError } from './cli-error.ts'
import { flag } from './flag.ts'
import { requireFlags, textOf, type Arguments } from './parse-arguments.ts'
import { checkedAccount, checkedAs, gatewayUrl, keyLine } from './run-ssh-host-setup.ts'
import { showJson } from './show-output.ts'
import { helperScript } from './ssh-host-otp-script.ts'
import { otpSetupScript, type OtpSetup } from './ssh-host-otp-setup.ts'

/** Prints how a registered host takes one-time passwords, as a script that can be read first and run as root there. */
export const runSshHostOtpSetup = async (cli: Cli, { values }: Arguments): Promise<number> => {
  requireFlags(values, [flag('host', '', { required: true })])
  const client = await cli.client()
  const serverUrl = trustedUrl(gatewayUrl(textOf(values, 'gatewayUrl') ?? client.server.url))
  const host = await client.call('sshHost.get', { id: textOf(values, 'host') ?? '' })
  const name = checkedAs('name', host.name)
  if (host.otpAddresses.length === 0)
    throw localError(`${name} takes no one-time passwords yet`, {
      hint: `say from where it asks about them: gatehouse ssh-host update ${name} --otp-addresses ADDRESS`,
    })
  const setup: OtpSetup = {
    serverUrl,
    name,
    hostKey: keyLine(host.hostKey, ''),
    fingerprint: fingerprint(parsePublicKeyLine(host.hostKey)),
    accounts: host.principals.map(checkedAccount),
  }
  const script = otpSetupScript(setup)
  if (cli.options.form === 'json')
    showJson(cli, { host: name, accounts: setup.accounts, helper: `${helperScript(setup).join('\n')}\n`, script })
  else cli.terminal.out(script)
  cli.terminal.talk(
    `read it, then run it as root on ${name}; --undo takes it back · ` +
      `next: gatehouse ssh otp ${name} --purpose "try it"\n`,
  )
  return 0
}

/**
 * Whoever could answer in our place would let in whom they like, and whoever could read would have the password: a host
 * asks by TLS, or the same machine.
 */
const trustedUrl = (url: string): string => {
  const { protocol, hostname } = new URL(url)
  if (protocol === 'https:' || /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname)) return url
  throw flagError('gateway-url', 'begins with https://: by one-time passwords whoever answers the host lets people in')
}
